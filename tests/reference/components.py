"""Connected components, by going from neighbour to neighbour."""


def components(documents: int, pairs: list[tuple[int, int]]) -> list[int]:
    """For each number the least one that it is connected with."""
    neighbours: dict[int, set[int]] = {number: set() for number in range(documents)}
    for first, other in pairs:
        neighbours[first].add(other)
        neighbours[other].add(first)
    labels = [-1] * documents
    for number in range(documents):
        waiting = [number] if labels[number] < 0 else []
        while waiting:
            one = waiting.pop()
            if labels[one] < 0:
                labels[one] = number
                waiting += neighbours[one]
    return labels
