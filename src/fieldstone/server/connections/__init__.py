"""Apps of others that a learner let in: who they are, what they may do, until when."""
