"""`python -m bsna.publishing.takeaway SURVEY LANGUAGE`: write what a reader takes away of a survey, in a process of its own."""

import sys

from bsna import paths
from bsna.intake.profile import load_profile
from bsna.publishing.takeaway import write_takeaways

survey, language = sys.argv[1:]
try:
    write_takeaways(load_profile(survey), language, paths.told(survey, language) / "downloads")
except (ValueError, OSError) as error:
    sys.exit(f"{survey}, {language}: {error}")
