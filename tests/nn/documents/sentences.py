"""The sentences between the formulas of a page, and what of them can be held to the engine's numbers.

A pattern of each is here. What has none is not understood, which is an error: so no number on a page goes unread.
"""

import re
from dataclasses import replace

WITHOUT_NUMBERS = [
    r"where|forward|one node, written out:|step by step for sample 0:|as the other terms do not depend on it|─+|[┌└]─+[┐┘]",
    r"\d\. (Forward|The loss|The step|The loss again)",
    r"in proportion to their derivatives, those that move most first:|each output has a direction in which the loss falls:",
    r"for each sample i, with its own [azyδ, and]+(; \S*\.samples\[i\] derives it step by step)?",
    r"for each node k of layer \S+:|the error vector of layer l",
    r"each term is (of one sample|the loss of one sample); \.samples\[i\] has its (recursion with its numbers|forward pass)",
    r"what is left out \(…\) is in .*; limit=None prints it|limit=None prints what is left out \(…\)",
    r"\(shown: [\w ,]+; all are in .*\)",
    r"… and [\d,]+ more( of these| sums? like these| samples?| steps?)?, in \S+",
    r"w ← w − η · ∂C[₀ᵢ]?/∂w|∂C/∂w = \(1/n\) Σᵢ\S+ ∂Cᵢ/∂w",
    r"h\(e\) = ½e² where \|e\| ≤ 1, else \|e\| − ½",
    r"In numbers, this and what the engine's backward\(\) gives: they agree\.",
]


class Sentences:
    """What has been said so far on a page.

    Arguments:
        environment: the engine's numbers.
        number: of a formula of plain numbers, what it is about.
        value: of a formula with symbols, what the engine says it is.
    """

    def __init__(self, environment, number, value):
        self.environment, self.number, self.value = environment, number, value
        self.first = self.last_text = None  # the names of the first equation and of the last one

    def take(self, text):
        """Read a sentence, and hold its numbers to the engine's. How many there were."""
        for pattern, read in READ.items():
            if found := re.fullmatch(pattern, text):
                pairs = read(self, *found.groups()) or []
                for printed, true in pairs:
                    about = self.number(printed)
                    assert abs(about.value - true) <= about.error + 1e-9 * abs(true), (text, printed, true)
                return len(pairs)
        assert any(re.fullmatch(pattern, text) for pattern in WITHOUT_NUMBERS), f"not understood: {text}"
        return 0

    def gives(self, printed, _):
        return [(printed, self.value(self.first))]

    def derivation_begins(self):
        self.first = None

    def loss_is(self, name, when, printed, change):
        before, after = (float(each.number(name_of_loss(name))) for each in (self.environment, self.environment.after))
        return [(printed, before if when == "before" else after), *([(change, after - before)] if change else [])]

    def loss_was(self, printed, change):
        before, after = self.environment.before.number(("C", 0)), self.environment.number(("C", 0))
        return [(printed, before), (change, after - before)]

    def all_losses(self, _, before, after):
        root = self.environment.root
        first, last = root.steps[0], root.steps[-1].after
        return [(before, mean_loss(first)), (after, mean_loss(last))]

    def to_step(self, number, _, __):
        root = self.environment.root
        self.environment = replace(root.steps[int(number) - 1], root=root)

    def to_after(self):
        self.environment = replace(self.environment.after, before=self.environment)

    def functions_are(self, layer, rest):
        for name in re.split(", ", rest):
            if found := re.fullmatch(r"g([₀-₉]*)(⁽\S+⁾)? = (.*)", name):
                assert self.environment.activation(layer, *found.groups()[:2]) == found[3], name
            else:
                assert name == "…", name

    def share(self, percent):
        sizes = [abs(x) for x in self.environment.mean_gradients().values()]
        share = abs(self.value(f"∂{self.environment.loss_name()}/∂{self.last_text}")) / max(sizes)
        assert percent == f"{share:.0%}"[:-1], (self.last_text, percent, share)

    def others_move(self, count, printed):
        sizes = sorted((abs(x) for x in self.environment.mean_gradients().values()), reverse=True)
        return [(printed, self.environment.rate * sizes[len(sizes) - int(count.replace(",", ""))])]

    def direction_on_average(self, name, mean, said, derivative, printed):
        e = self.environment
        self.last_text, each = name, [self.value(name, replace(e, sample=i)) for i in e.batch]
        self.direction(said)
        return [(mean, sum(each) / len(each)), (printed, self.value(derivative))]

    def direction(self, said):
        slope = self.value(f"∂{self.environment.loss_name()}/∂{self.last_text}")
        assert said == ("rise" if slope < 0 else "fall" if slope > 0 else "stay"), (self.last_text, said, slope)


def name_of_loss(text):
    return ("C", *(int(digit) for digit in text[1:].translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))))


def mean_loss(environment):
    return sum(sample.loss for sample in environment.samples.values()) / len(environment.samples)


READ = {
    r"The engine's backward\(\) gives (\S+): they agree( \(difference .*\))?\.": Sentences.gives,
    r"\d\. The derivative by \S+": Sentences.derivation_begins,
    r"(C[₀-₉]*),  (before|after) +=\s(\S+?)(?:,  a change of (\S+))?": Sentences.loss_is,
    r"before the step it was (\S+): a change of (\S+)": Sentences.loss_was,
    r"the mean loss of all ([\d,]+) samples: (\S+) before, (\S+) after": Sentences.all_losses,
    r"step (\d+) of (\d+), on (sample \d+|the mean of samples \d+ to \d+)": Sentences.to_step,
    r"with all weights after the step:": Sentences.to_after,
    r"(?:layer (\S+), (?:the output layer|hidden): )?(g[₀-₉]*(?:⁽\S+⁾)? = .*)": Sentences.functions_are,
    r"([\d.]+)% of the largest move": Sentences.share,
    r"… and ([\d,]+) more, which move by (\S+) at most, in \S+": Sentences.others_move,
    r"should (rise|fall|stay)": Sentences.direction,
    r"(a\S+), on average (\S+), should (rise|fall|stay), since (\S+) = (\S+)": Sentences.direction_on_average,
}
