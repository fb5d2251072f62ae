/* Light or dark before anything is drawn: what the reader chose here, else what the system says. */
(function () {
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try { return localStorage.getItem("bsna-theme") || "auto"; } catch (error) { return "auto"; }
  }
  function apply() {
    var choice = chosen();
    root.dataset.theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  }
  dark.addEventListener("change", apply);
  window.bsnaTheme = {
    chosen: chosen,
    choose: function (choice) {
      try { localStorage.setItem("bsna-theme", choice); } catch (error) { /* not kept, still applied */ }
      apply();
      if (chosen() !== choice && choice !== "auto") { root.dataset.theme = choice; }
    }
  };
  apply();
})();
