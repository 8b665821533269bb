"""Is it reproducible, and if not, why: a notebook run several times in fresh kernels."""
