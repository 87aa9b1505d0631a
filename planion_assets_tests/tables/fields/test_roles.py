"""Which roles are those of people who take no part."""

import pytest

from planion_assets.tables.fields.roles import is_declined


@pytest.mark.parametrize(
    "role",
    [
        "Declined Session Presenter",
        "Declined Session Moderator",
        "Declined",
        "DECLINED Presenter",
        "declined: Chair",
        "Declined-Presenter",
        "  Declined  Chair",
        "Withdrawn Presenter",
        "withdrawn",
        "Withdrew (May 3)",
        "Presenter - Declined",
        "Presenter (Declined)",
        "Presenter [withdrawn in May]",
        "Session Presenter Withdrawn",
        "Cancelled Speaker",
        "(Declined) Moderator",
        "Eval Contact",
        "eval contact",
        "Evaluation Contact",
        "Eval. Contact",
        "Eval\u00a0Contact (backup)",
        "Eval_Contact",
        "Evaluation Contacts",
        "Primary Eval Contact",
        "DECLINED_Presenter",
        "Presenter - declined (conflict)",
        "Presenter \u2013 Withdrawn by author",
        "Presenter: has declined",
        "Presenter/Declined - travel",
        "Chair (has declined)",
    ],
)
def test_roles_of_people_who_take_no_part(role: str) -> None:
    assert is_declined(role)


@pytest.mark.parametrize(
    "role",
    [
        None,
        "",
        "Presenter",
        "Session Moderator",
        "Contact",
        "Contact Author",
        "Evaluator",
        "Eval Committee",
        "Discussant of Declined Applications",
        "Undeclined Presenter",
        "Presenter, not declined",
        "Non-declined Presenter",
        "Non-declined",
        "Not_declined",
        "Never declined",
        "Presenter, no longer declined",
        "Presenter (not yet withdrawn)",
        "Presenter - not declined",
        "Post-Withdrawal Chair",
        "Declination Officer",
        "Retrieval Contact",
    ],
)
def test_roles_of_people_who_take_part(role: str | None) -> None:
    assert not is_declined(role)
