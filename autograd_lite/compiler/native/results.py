"""From the outputs of a plan to instructions: copies, and means over the samples. Those that lie side by side are one call."""

from __future__ import annotations

from collections import defaultdict

from autograd_lite.compiler.means import OF_PRODUCTS
from autograd_lite.compiler.native import fixed
from autograd_lite.compiler.native.assembly import Assembly, Instruction, ResultPlaces
from autograd_lite.compiler.native.kernel import Kernel
from autograd_lite.compiler.native.layout import progressions


def write_results(assembly: Assembly) -> ResultPlaces:
    """Write what brings the outputs to where they are taken from."""
    plan, layout = assembly.plan, assembly.layout
    averaged = sum(plan.reduced)
    results = ResultPlaces(layout.allocate(averaged, False), averaged, len(plan.reduced) - averaged)
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
    write_products(assembly, out - (len(plan.reduced) - sum(plan.reduced)))
    means: dict[int, list[tuple[int, int]]] = defaultdict(list)  # first terms, second terms …: each with the place of its sum
    uniform: dict[int, list[tuple[int, int]]] = defaultdict(list)  # the same of uniform terms, as places
    alone: list[tuple[int, int]] = []  # uniform terms that are a result themselves
    column = 0
    for slot, terms in zip(plan.tape.outputs, plan.sums, strict=True):
        if terms is OF_PRODUCTS:
            out += 1
            continue
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


def write_products(assembly: Assembly, out: int) -> None:
    """Write the outer products among the results; result number i is at `out` + i, since those by sample come before."""
    plan, place = assembly.plan, assembly.layout.place
    terms: dict[int, int] = defaultdict(int)  # how many products with this first result were written already
    matrices: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)  # rows of one kind: results and factors
    for first, factor, bundle in plan.tape.products:
        matrices[terms[first], bundle, plan.varying[factor]].append((out + first, place[factor]))
        terms[first] += 1
    for (term, bundle, a_lane), pairs in sorted(matrices.items()):
        columns, vector = len(plan.tape.bundles[~bundle]), assembly.vector(plan.tape.bundles[~bundle])
        for (first, a), (row_stride, a_stride), rows in progressions(sorted(pairs)):
            fields = {"out": first, "row_stride": row_stride, "column_stride": 1, "rows": rows, "columns": columns}
            fields |= {"a": a, "a_stride": a_stride, "a_lane": a_lane, "b_row": 0, **vector.fields("b")}
            emit_mean_products(assembly, fields, int(term > 0))


def emit_mean_products(assembly: Assembly, fields: dict[str, int], more: int) -> None:
    """One instruction for the means of products; BLAS takes it if it is large, and all lies as BLAS needs it."""
    block = assembly.layout.block
    if not fields["row_stride"]:  # there is no next row; a matrix has a distance all the same
        fields |= {"row_stride": fields["columns"], "a_stride": block}
    side_by_side = fields["column_stride"] == 1 and not fields["b_row"] and min(fields["a_stride"], fields["b_stride"]) >= block
    for_blas = fields["a_lane"] and fields["b_lane"] and side_by_side
    gemm = assembly.gemm_for(fields["rows"], fields["columns"], block) if for_blas else 0
    assembly.emit(assembly.inside, fixed.mean_products, more=more, gemm=gemm, **fields)


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
    rows: dict[tuple[tuple[int, ...], int], list[tuple[int, int, int]]] = defaultdict(list)  # those of one kind
    for a, results in pairs.items():
        for (out, b), strides, columns in progressions(results):
            rows[strides, columns].append((out, a, b))
    for ((column_stride, b_stride), columns), firsts in rows.items():
        for (out, a, b), (row_stride, a_stride, b_row), count in progressions(sorted(firsts)):
            fields = {"out": out, "row_stride": row_stride, "column_stride": column_stride, "rows": count, "columns": columns}
            fields |= {"a": a, "a_stride": a_stride, "a_lane": a_lane}
            fields |= {"b": b, "b_row": b_row, "b_stride": b_stride, "b_lane": b_lane}
            emit_mean_products(assembly, fields, more)
