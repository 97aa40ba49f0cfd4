"""From the outputs of a plan to instructions: copies, and means over the samples. Those that lie side by side are one call."""

from __future__ import annotations

from collections import defaultdict

from autograd_lite.compiler.native import fixed
from autograd_lite.compiler.native.assembly import Assembly, Instruction, Results
from autograd_lite.compiler.native.kernel import Kernel
from autograd_lite.compiler.native.layout import progressions


def write_results(assembly: Assembly) -> Results:
    """Write what brings the outputs to where they are taken from."""
    plan, layout = assembly.plan, assembly.layout
    averaged = sum(plan.reduced)
    results = Results(layout.allocate(averaged, False), averaged, len(plan.reduced) - averaged)
    if plan.batched:
        write_batch(assembly, results.place)
    else:
        pairs = [(results.place + i, layout.place[slot]) for i, slot in enumerate(plan.tape.outputs)]
        write_copies(assembly, assembly.before, fixed.copy, pairs)
    return results


def write_batch(assembly: Assembly, out: int) -> None:
    """Write the results of a batch; those that are averaged lie from place `out` on.

    An average is a sum of means, of the terms that vary, and of terms that are uniform.
    """
    plan, place = assembly.plan, assembly.layout.place
    means: dict[int, list[tuple[int, int]]] = defaultdict(list)  # first terms, second terms …: each with the place of its sum
    uniform: dict[int, list[tuple[int, int]]] = defaultdict(list)  # the same of uniform terms, as places
    alone: list[tuple[int, int]] = []  # uniform terms that are a result themselves
    column = 0
    for slot, terms in zip(plan.tape.outputs, plan.sums, strict=True):
        if terms is None:
            a, a_lane = place[slot], plan.varying[slot]
            assembly.emit(assembly.inside, fixed.store, by_sample=assembly.batched, column=column, a=a, a_lane=a_lane)
            column += 1
            continue
        for index, term in enumerate(terms.varying):
            means[index].append((out, term))
        for index, term in enumerate(terms.shared):
            (uniform[index] if terms.varying else alone).append((out, place[term]))
        out += 1
    for index, pairs in means.items():
        write_means(assembly, pairs, int(index > 0))
    write_copies(assembly, assembly.after, fixed.copy, alone)
    for pairs in uniform.values():
        write_copies(assembly, assembly.after, fixed.accumulate, pairs)


def write_copies(assembly: Assembly, part: list[Instruction], kernel: Kernel, pairs: list[tuple[int, int]]) -> None:
    """Copies (or additions) of numbers from place to place."""
    for (out, a), (out_stride, a_stride), count in progressions(pairs):
        assembly.emit(part, kernel, out=out, out_stride=out_stride, a=a, a_stride=a_stride, count=count)


def write_means(assembly: Assembly, terms: list[tuple[int, int]], more: int) -> None:
    """Means over the samples, those of products as matrices; `more`: they are added to what is there."""
    place, varying, products = assembly.layout.place, assembly.plan.varying, assembly.plan.products
    plain = [(out, place[slot]) for out, slot in terms if slot not in products]
    for (out, a), (out_stride, a_stride), count in progressions(plain):
        fields = {"out": out, "out_stride": out_stride, "count": count, "a": a, "a_stride": a_stride, "more": more}
        assembly.emit(assembly.inside, fixed.mean_rows, **fields)
    by_lanes: dict[tuple[int, int], dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for out, slot in terms:
        if slot in products:
            a, b = products[slot]
            by_lanes[varying[a], varying[b]][place[a]].append((out, place[b]))
    for (a_lane, b_lane), pairs in by_lanes.items():
        write_mean_products(assembly, a_lane, b_lane, pairs, more)


def write_mean_products(
    assembly: Assembly, a_lane: int, b_lane: int, pairs: dict[int, list[tuple[int, int]]], more: int
) -> None:
    """Means of products: `pairs` are for each first factor, by its place, the results and the second factors."""
    block = assembly.layout.block
    rows: dict[tuple[tuple[int, ...], int], list[tuple[int, int, int]]] = defaultdict(list)  # those of one kind
    for a, results in pairs.items():
        for (out, b), strides, columns in progressions(results):
            rows[strides, columns].append((out, a, b))
    for ((column_stride, b_stride), columns), firsts in rows.items():
        for (out, a, b), (row_stride, a_stride, b_row), count in progressions(sorted(firsts)):
            if not row_stride:  # there is no next row; a matrix has a distance all the same
                row_stride, a_stride = columns, block
            dense = a_lane and b_lane and column_stride == 1 and not b_row and min(a_stride, b_stride) >= block
            assembly.emit(
                assembly.inside,
                fixed.mean_products,
                out=out,
                row_stride=row_stride,
                column_stride=column_stride,
                rows=count,
                columns=columns,
                a=a,
                a_stride=a_stride,
                a_lane=a_lane,
                b=b,
                b_row=b_row,
                b_stride=b_stride,
                b_lane=b_lane,
                more=more,
                gemm=assembly.gemm if dense else 0,
            )
