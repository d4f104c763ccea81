from server_stub.rights import ROLES, Right, Role, rights_of


def test_every_role_may_what_the_one_before_may_and_more():
    helper, counter, lead, admin = (ROLES[role] for role in Role)

    assert helper < counter < lead < admin == frozenset(Right)


def test_a_helper_sees_the_list_and_goes_to_help_calls_and_no_more():
    assert rights_of("helper") == {Right.SEE_LIST, Right.ANSWER_HELP}


def test_a_role_that_is_not_known_may_nothing():
    assert rights_of("display") == frozenset()
