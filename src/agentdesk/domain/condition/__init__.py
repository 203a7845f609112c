"""The conditions of the policy, asked of one case."""
