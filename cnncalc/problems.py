"""Problems: what is wrong with a spec, as data. Rendering them is the reports' business."""

from collections.abc import Iterable
from typing import NamedTuple

from cnncalc.advice import Edit
from cnncalc.language.source import Span

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
        """Whether no comment can ignore it: a budget, or that nothing was compared."""
        return self.code in ("CNN404", "CNN410")

    @property
    def compared(self) -> bool:
        """Whether it is found only where a spec is compared with the code of its network."""
        return "CNN405" <= self.code <= "CNN409"


CODES: dict[str, Code] = {}


def declare(code: str, name: str, meaning: str, severity: str = ERROR) -> Code:
    """Add a code to CODES. Rules do so in their classes: checks.rules.all_codes() has them all."""
    if code in CODES:
        raise ValueError(f"{code} is {CODES[code].name} already")
    CODES[code] = Code(code, name, severity, meaning)
    return CODES[code]


# 1xx: the file and its words
UNREADABLE = declare("CNN100", "unreadable", "the file is not UTF-8 text, or is too large")
MODEL = declare("CNN105", "model", "a model of a framework that cannot be read as a network")
SYNTAX = declare("CNN101", "yaml-syntax", "the text is not YAML")
UNSUPPORTED_YAML = declare("CNN102", "unsupported-yaml", "an anchor, alias, tag or second document")
DUPLICATE_KEY = declare("CNN103", "duplicate-key", "a key that stands twice in one mapping")
LIMIT = declare("CNN104", "limit", "the spec is larger or deeper than the limits allow")
STRUCTURE = declare(
    "CNN110", "structure", "a value of the wrong shape: a list where a word belongs"
)
UNKNOWN_KEY = declare("CNN111", "unknown-key", "a key that the language does not have here")
MISSING = declare("CNN112", "missing", "something that must be written is not")
UNKNOWN_KIND = declare("CNN113", "unknown-kind", "neither a kind of layer nor a block of this spec")
UNKNOWN_ARGUMENT = declare("CNN114", "unknown-argument", "an argument that this kind does not take")
BAD_VALUE = declare("CNN115", "bad-value", "a value that its argument does not take")
BAD_NAME = declare("CNN116", "bad-name", "a name that cannot be used")
DUPLICATE_NAME = declare("CNN117", "duplicate-name", "two items of one name in a scope")
UNKNOWN_NAME = declare("CNN118", "unknown-name", "a name that no earlier item has")
BLOCK_CALL = declare("CNN119", "block-call", "a block called with other arguments than it declares")
RECURSION = declare("CNN120", "recursion", "a block that calls itself")
EXPRESSION = declare("CNN121", "expression", "an expression that cannot be read or worked out")
BAD_IGNORE = declare("CNN122", "bad-ignore", "a comment that ignores everything, or nothing known")

# 2xx: volumes and layers
WINDOW = declare("CNN201", "window-does-not-fit", "a window larger than its padded input")
INEXACT = declare("CNN202", "inexact", "a window that does not come out even under rounding: exact")
DIVISION = declare("CNN203", "does-not-divide", "channels or sizes that do not divide as they must")
AXES = declare("CNN204", "wrong-axes", "a volume with too few or too many spatial axes")
UNEQUAL = declare("CNN205", "unequal-volumes", "volumes that cannot be merged")
PADDING = declare(
    "CNN206", "padding-too-large", "a pool whose window could lie in the padding alone"
)
LAYER = declare("CNN207", "impossible-layer", "a layer that cannot work on its input")
REUSE = declare("CNN208", "reuse", "layers that cannot share their weights")

# 3xx: rules, things that work but are rarely meant; these are found outside the rules too
UNEVEN = declare(
    "CNN301", "uneven-window", "a window that does not fit evenly into its input", NOTE
)
DEPTH_ONE = declare("CNN303", "depth-one", "an input that looks like a batch of one", NOTE)
SKIPPED_OUTPUT = declare("CNN318", "skipped-output", "an output that is skipped", NOTE)
DOUBLED = declare(
    "CNN319", "doubled-volume", "a merge that gets one volume twice, as an item is skipped", WARNING
)
UNUSED_IGNORE = declare("CNN317", "unused-ignore", "an ignore comment that does nothing", WARNING)

# 4xx: expectations
EXPECTATION = declare("CNN401", "expectation", "an expected value that is not the true one")
BAD_EXPECTATION = declare("CNN402", "bad-expectation", "an expectation that cannot be read")
NOT_JUDGED = declare("CNN403", "not-judged", "an expectation that was not compared", NOTE)
BUDGET = declare("CNN404", "budget", "a total that leaves its budget")
OTHER_LAYER = declare("CNN405", "other-layer", "a layer that is another one in the code")
NOT_IN_CODE = declare("CNN406", "not-in-code", "a layer that the code does not have")
ONLY_IN_CODE = declare("CNN407", "only-in-code", "a layer of the code that the spec does not have")
OTHER_ORDER = declare("CNN408", "other-order", "layers that read other ones in the code")
RENAMED = declare("CNN409", "renamed", "a layer that has another name in the code", WARNING)
NO_CODE = declare("CNN410", "no-code", "a model that the spec cannot be compared with")


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


class Fix(NamedTuple):
    """An edit that mends a problem."""

    span: Span  # what is replaced
    text: str  # by this
    safe: bool  # whether nothing else can be meant


class Problem(NamedTuple):
    """One thing that is wrong, with everything a reader needs to mend it."""

    code: Code
    message: str
    span: Span
    detail: str = ""  # stands beside the caret: the arithmetic
    facts: tuple[str, ...] = ()  # "input: 5×5×16 from max_pool2 (line 13)", one a line
    help: str = ""  # an Edit if the text says exactly what to write instead
    related: tuple[Related, ...] = ()
    layer: str = ""  # the path of the layer it is about
    expected: str = ""
    actual: str = ""

    @property
    def severity(self) -> str:
        return self.code.severity

    @property
    def fix(self) -> Fix | None:
        """The edit that the help is, if it is one."""
        if not isinstance(self.help, Edit):
            return None
        source, start, end = self.span
        stretch = self.help.stretch(source.text, start, end)
        # span() would take one character for nothing, which stands for where something is put in.
        return stretch and Fix(Span(source, *stretch), self.help.new, self.help.safe)

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


def _key(code: Code, span: Span, layer: str = "") -> tuple[object, ...]:
    """What makes two problems one; where there is no text, the layer takes the place of a place."""
    return span.source.name, span.start, span.end, code.code, "" if span.source.text else layer


class Problems:
    """A collection that keeps one problem a fault: the first at a place with a code."""

    def __init__(self, problems: Iterable[Problem] = (), *, stops: bool = False) -> None:
        self._stops = stops  # whether one error too many ends the work
        self._found: dict[tuple[object, ...], Problem] = {}
        self._errors = 0
        self.extend(problems)

    def add(self, problem: Problem) -> None:
        """Keep a problem, but no more errors than MAX_ERRORS and one that says so."""
        key = _key(problem.code, problem.span, problem.layer)
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
