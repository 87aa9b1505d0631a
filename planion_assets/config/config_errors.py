"""What is raised when settings cannot be used. The words of a line are written where the problem is found."""

from planion_assets.guide import GuidedError, Heading


class ConfigError(GuidedError):
    """Settings that cannot be used: one line `FILE: KEY: what is wrong; what to do` for each problem.

    `heading` is where to read on, the page's section on mistakes in the file unless given.
    """

    heading = Heading.BROKEN_SETTINGS

    def __init__(self, *lines: str, heading: Heading | None = None) -> None:
        # A line stays one line whatever a file name or a key in it holds.
        super().__init__(*("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line) for line in lines))
        self.heading = heading or self.heading

    @property
    def message(self) -> str:
        """The problems, a line each."""
        return "\n".join(self.args)


class NotConfiguredError(ConfigError, KeyError):
    """An account or conference was asked for that the settings do not name."""

    heading = Heading.NOT_CONFIGURED


class MissingTokenError(ConfigError):
    """The environment holds no usable token for an account. Other accounts are not concerned."""

    heading = Heading.MISSING_TOKEN
