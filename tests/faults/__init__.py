"""Runs that are killed, and disks that refuse: whatever happens, the next run ends with the same bytes.

    python -m tests.faults.kill --moments 200       kills real runs at seeded moments
    python -m tests.faults.refuse                   makes each call that writes fail in turn

The suite does a slice of both (tests/test_faults.py).
"""
