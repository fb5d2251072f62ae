# R survey: cross-tabulation, binary and ordered logit. Called as `Rscript survey.R FILE.csv TASK...`; answers as tab-separated
# lines: task, seconds, name, value. Data are in memory before the clock starts; every run declares the design anew.
suppressPackageStartupMessages(library(survey))

words <- commandArgs(trailingOnly = TRUE)
people <- read.csv(words[1], stringsAsFactors = TRUE)
people$outcome <- factor(people$trust, ordered = TRUE)
levels_of <- list(activity = c("farming", "herding", "trade", "service", "none"),
                  region = c("east", "north", "south", "west"),
                  education = c("none", "primary", "secondary", "koranic"),
                  sex = c("man", "woman"))
for (name in names(levels_of)) people[[name]] <- factor(people[[name]], levels = levels_of[[name]])

design <- function() svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = people, nest = TRUE)
terms <- "activity + region + education + sex"
tasks <- list(
  crosstab = function() svychisq(~trust + activity, design(), statistic = "F"),
  binary = function() svyglm(as.formula(paste("victim ~", terms)), design(), family = quasibinomial()),
  ordered = function() svyolr(as.formula(paste("outcome ~", terms)), design())
)

named <- function(labels) {
  for (name in names(levels_of)) labels <- sub(paste0("^", name), paste0(name, "="), labels)
  labels
}

numbers <- function(task, fit) {
  if (task == "crosstab") {
    return(c(F = unname(fit$statistic), df1 = unname(fit$parameter[1]), df2 = unname(fit$parameter[2]), p = unname(fit$p.value)))
  }
  b <- if (task == "ordered") c(fit$coefficients, fit$zeta) else coef(fit)
  se <- sqrt(diag(vcov(fit)))
  labels <- named(names(b))
  c(setNames(b, paste("b", labels)), setNames(se, paste("se", labels)))
}

for (task in intersect(words[-1], names(tasks))) {
  seconds <- c()
  repeat { # the first run warms up; a slow task runs once
    taken <- system.time(fit <- tasks[[task]]())[["elapsed"]]
    seconds <- c(seconds, taken)
    if (sum(seconds) > 6 || length(seconds) > 5) break
  }
  typical <- median(if (length(seconds) > 1) seconds[-1] else seconds)
  values <- numbers(task, fit)
  for (name in names(values)) {
    cat(paste(task, format(typical, digits = 6), name, format(values[[name]], digits = 15), sep = "\t"), "\n", sep = "")
  }
}
