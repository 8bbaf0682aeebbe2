"""What others publish: occupations, wages, places, schools and frameworks, in versions."""
