"""Work done at a workplace: placements, hours that a supervisor countersigns, feedback that she signs by a link."""
