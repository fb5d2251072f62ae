"""The kinds of claim: what each estimates, and how surprising that is if the claim is not so, and if it is."""
