"""Runs that are killed, and disks that fail: whatever happens, the next run ends with the same bytes.

    python -m tests.faults.kill --moments 200       kills real runs at seeded moments
    python -m tests.faults.refuse                   makes each call that changes the disk fail in turn

The suite does a slice of both (tests/test_faults.py), and all of it for publishing (tests/test_versions.py).
"""
