"""The same notebook in fresh kernels: plan, run, compare, causes, reports."""
