"""Problems: what is wrong with a spec, as data. Rendering them is the reports' business."""

from collections.abc import Iterable
from typing import NamedTuple

from cnncalc.spec.source import Span

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)
MAX_ERRORS = 1_000  # in one spec; then nobody reads them, and finding them would only take time


class Code(NamedTuple):
    """A stable identifier of one sort of problem."""

    code: str
    name: str
    severity: str
    meaning: str

    @property
    def fatal(self) -> bool:
        """Whether no network can be built, so that it is always reported."""
        return self.severity == ERROR and (self.code < "CNN3" or self.code == "CNN402")

    @property
    def demanded(self) -> bool:
        """Whether the project asks for it and not the spec, so that no spec can ignore it."""
        return self.code == "CNN404"


CODES: dict[str, Code] = {}


def _code(code: str, name: str, meaning: str, severity: str = ERROR) -> Code:
    CODES[code] = Code(code, name, severity, meaning)
    return CODES[code]


# 1xx: the file and its words
UNREADABLE = _code("CNN100", "unreadable", "the file is not UTF-8 text, or is too large")
SYNTAX = _code("CNN101", "yaml-syntax", "the text is not YAML")
UNSUPPORTED_YAML = _code("CNN102", "unsupported-yaml", "an anchor, alias, tag or second document")
DUPLICATE_KEY = _code("CNN103", "duplicate-key", "a key that stands twice in one mapping")
LIMIT = _code("CNN104", "limit", "the spec is larger or deeper than the limits allow")
STRUCTURE = _code("CNN110", "structure", "a value of the wrong shape: a list where a word belongs")
UNKNOWN_KEY = _code("CNN111", "unknown-key", "a key that the language does not have here")
MISSING = _code("CNN112", "missing", "something that must be written is not")
UNKNOWN_KIND = _code("CNN113", "unknown-kind", "neither a kind of layer nor a block of this spec")
UNKNOWN_ARGUMENT = _code("CNN114", "unknown-argument", "an argument that this kind does not take")
BAD_VALUE = _code("CNN115", "bad-value", "a value that its argument does not take")
BAD_NAME = _code("CNN116", "bad-name", "a name that cannot be used")
DUPLICATE_NAME = _code("CNN117", "duplicate-name", "two items of one name in a scope")
UNKNOWN_NAME = _code("CNN118", "unknown-name", "a name that no earlier item has")
BLOCK_CALL = _code("CNN119", "block-call", "a block called with other arguments than it declares")
RECURSION = _code("CNN120", "recursion", "a block that calls itself")
EXPRESSION = _code("CNN121", "expression", "an expression that cannot be read or worked out")
BAD_IGNORE = _code("CNN122", "bad-ignore", "a comment that ignores everything, or nothing known")

# 2xx: volumes and layers
WINDOW = _code("CNN201", "window-does-not-fit", "a window larger than its padded input")
INEXACT = _code("CNN202", "inexact", "a window that does not come out even under rounding: exact")
DIVISION = _code("CNN203", "does-not-divide", "channels or sizes that do not divide as they must")
AXES = _code("CNN204", "wrong-axes", "a volume with too few or too many spatial axes")
UNEQUAL = _code("CNN205", "unequal-volumes", "volumes that cannot be merged")
PADDING = _code("CNN206", "padding-too-large", "a pool whose window could lie in the padding alone")
LAYER = _code("CNN207", "impossible-layer", "a layer that cannot work on its input")
REUSE = _code("CNN208", "reuse", "layers that cannot share their weights")

# 3xx: rules, things that work but are rarely meant
UNEVEN = _code("CNN301", "uneven-window", "a window that does not fit evenly into its input", NOTE)
UNUSED = _code(
    "CNN302", "unread-layer", "a layer that nothing reads and that is no output", WARNING
)
DEPTH_ONE = _code("CNN303", "depth-one", "an input that looks like a batch of one", NOTE)
SKIPPED = _code("CNN304", "skipped-pixels", "a stride larger than its kernel", WARNING)
POINTWISE = _code("CNN305", "strided-pointwise", "a stride on a kernel of one pixel", NOTE)
ALL_PADDING = _code("CNN306", "all-padding", "a padding at least as large as the kernel", WARNING)
LOST_BIAS = _code("CNN307", "lost-bias", "a bias that the batch_norm after it cancels", NOTE)
UNFLATTENED = _code("CNN308", "unflattened", "an fc that flattens its input by itself", NOTE)
LOPSIDED = _code("CNN309", "lopsided-same", "an even kernel that same pads unevenly", NOTE)
ONE_INPUT = _code(
    "CNN310", "one-input-filters", "groups that leave every filter one input channel", WARNING
)
SHORT_SIGHTED = _code(
    "CNN311", "short-sighted", "a last receptive field smaller than the input", NOTE
)
INNER_SOFTMAX = _code("CNN312", "inner-softmax", "a softmax in the middle of a network", WARNING)
UNUSED_BLOCK = _code("CNN313", "unused-block", "a block that nothing calls", WARNING)
UNUSED_VAR = _code("CNN314", "unused-var", "a var that no expression uses", WARNING)
UNUSED_ARGUMENT = _code("CNN315", "unused-argument", "an argument its block never uses", WARNING)
NUMBERED = _code(
    "CNN316", "numbered-name", "an automatic name that an insertion renumbers", WARNING
)
UNUSED_IGNORE = _code("CNN317", "unused-ignore", "an ignore comment that does nothing", WARNING)

# 4xx: expectations
EXPECTATION = _code("CNN401", "expectation", "an expected value that is not the true one")
BAD_EXPECTATION = _code("CNN402", "bad-expectation", "an expectation that cannot be read")
NOT_JUDGED = _code("CNN403", "not-judged", "an expectation that was not compared", NOTE)
BUDGET = _code("CNN404", "budget", "a total that leaves its budget")


class Reject(Exception):
    """A refusal by a part that knows nothing of files: what is wrong, not where.

    `argument` and `path` say which argument, and which place inside its value, is to blame; the
    boundary that reads the spec turns them into a position.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        argument: str | None = None,
        path: tuple[object, ...] = (),
        detail: str = "",
        help: str = "",
        offset: int | None = None,
        width: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.argument = argument
        self.path = path
        self.detail = detail
        self.help = help
        self.offset = offset  # characters into the scalar to blame
        self.width = width  # and how many of them; None for the rest


class Key(str):
    """A step of a Reject's path to a key itself, not to its value."""


class Related(NamedTuple):
    """Another place that has to do with a problem."""

    message: str
    span: Span


class Problem(NamedTuple):
    """One thing that is wrong, with everything a reader needs to mend it."""

    code: Code
    message: str
    span: Span
    detail: str = ""  # stands beside the caret: the arithmetic
    facts: tuple[str, ...] = ()  # "input: 5×5×16 from max_pool2 (line 13)", one a line
    help: str = ""
    related: tuple[Related, ...] = ()
    layer: str = ""  # the path of the layer it is about
    expected: str = ""
    actual: str = ""

    @property
    def severity(self) -> str:
        return self.code.severity

    @property
    def line(self) -> int:
        return self.span.line

    @property
    def column(self) -> int:
        return self.span.column

    def __str__(self) -> str:
        place = f"{self.span.source.name}:{self.line}:{self.column}"
        return f"{place}: {self.severity}[{self.code.code}]: {self.message}"


class TooManyErrors(Exception):
    """MAX_ERRORS are found; give up on the spec."""


def by_place(problem: Problem) -> tuple[str, int, str]:
    """How problems are sorted: by place in the text, then by code."""
    return problem.span.source.name, problem.span.start, problem.code.code


def _key(code: Code, span: Span) -> tuple[str, int, int, str]:
    return span.source.name, span.start, span.end, code.code


class Problems:
    """A collection that keeps one problem a fault: the first at a place with a code."""

    def __init__(self, problems: Iterable[Problem] = (), *, stops: bool = False) -> None:
        self._stops = stops  # whether one error too many ends the work
        self._found: dict[tuple[str, int, int, str], Problem] = {}
        self._errors = 0
        self.extend(problems)

    def add(self, problem: Problem) -> None:
        """Keep a problem, but no more errors than MAX_ERRORS and one that says so."""
        key = _key(problem.code, problem.span)
        if key in self._found:
            return
        if problem.severity == ERROR:
            self._errors += 1
            if self._errors == MAX_ERRORS + 1:
                message = f"more than {MAX_ERRORS:,} errors; the rest is left out"
                self._found[key] = Problem(LIMIT, message, problem.span)
            if self._errors > MAX_ERRORS:
                if self._stops:
                    raise TooManyErrors
                return
        self._found[key] = problem

    def has(self, code: Code, span: Span) -> bool:
        """Whether a problem with that code and place is kept: another one would be dropped."""
        return _key(code, span) in self._found

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.add(problem)

    def sorted(self) -> list[Problem]:
        """By place in the text, then by code."""
        return sorted(self._found.values(), key=by_place)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.sorted() if problem.severity == ERROR]

    @property
    def failed(self) -> bool:
        """Whether there is an error."""
        return self._errors > 0

    def __len__(self) -> int:
        return len(self._found)
