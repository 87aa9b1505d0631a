"""The program `planion`, from its first moment: a signal that comes while its command is loaded ends it at once.

Imports nothing large before `main` is called. The commands are in `planion_assets.cli.main`.
"""

try:
    from planion_assets.cli.signals import end_at_once
except KeyboardInterrupt:
    raise SystemExit(130) from None


def main() -> None:
    """Run the `planion` command."""
    end_at_once()
    from planion_assets.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
