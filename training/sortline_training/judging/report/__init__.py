"""`evaluation.html`: what was found out, for people. One file that loads nothing and runs nothing."""
