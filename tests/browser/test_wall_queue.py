"""The rule of the wall, in the browser that runs it, without page, clock or server."""

import random

import pytest

from server_stub.static_files import STATIC

pytestmark = pytest.mark.browser

LEAST = 8_000
MOST = 25_000

# Lives a history: [[ms, [[visit, at, arrived], ...]], ...], looks at the queue exactly when it
# asks to be looked at, and lets each sound last as long as `sounds` says. Returns what was seen.
LIVE = """([history, sounds, memory]) => {
  const queue = new WallQueue({ shown: memory });
  const large = [];  // [visit, at, from]
  const ends = [];   // [ms, call] of sounds
  const pictures = [];
  let now = 0;
  const next = () => {
    const wait = queue.wait(now);
    const times = [history[0]?.[0], ends[0]?.[0], wait === null ? undefined : now + wait];
    return Math.min(...times.filter((time) => time !== undefined));
  };
  for (let turns = 0; turns < 100_000; turns += 1) {
    const when = next();
    if (when === Infinity) break;
    now = Math.max(now, when);
    if (ends[0]?.[0] <= now) queue.release(ends.shift()[1]);
    if (history[0]?.[0] <= now) {
      const [, calls] = history.shift();
      queue.follow(calls.map(([visit, at, arrived]) => ({ visit, at, arrived: Boolean(arrived) })));
    }
    const call = queue.look(now);
    if (call) {
      large.push([call.visit, call.at, now]);
      const lasts = call.visit in sounds ? sounds[call.visit] : 0;
      if (lasts !== null) {
        ends.push([now + lasts, call]);
        ends.sort((a, b) => a[0] - b[0]);
      }
    }
    pictures.push([now, queue.large?.visit ?? null, queue.small.map((c) => c.visit)]);
  }
  return { large, pictures, memory: queue.memory };
}"""


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.add_script_tag(path=STATIC / "wall_queue.js")
    yield page
    context.close()


@pytest.fixture
def live(page):
    """Lives a history of calls that stand; an empty wall comes first, as in the morning."""

    def of(*history, sounds=None, memory=()):
        return page.evaluate(LIVE, [list(history), sounds or {}, memory and list(memory)])

    return of


def shown_large(lived) -> list[tuple[str, int]]:
    return [(visit, when) for visit, _, when in lived["large"]]


def test_ten_calls_at_once_are_each_shown_for_eight_seconds_in_order(live):
    calls = [[f"v{n}", n] for n in range(10)]

    lived = live([1_000, list(reversed(calls))])

    assert shown_large(lived) == [(f"v{n}", 1_000 + n * LEAST) for n in range(10)]
    assert lived["pictures"][-1][1:] == ["v9", ["v8", "v7", "v6", "v5", "v4"]]


def test_a_call_is_shown_at_once_where_the_last_one_has_had_its_time(live):
    lived = live([0, [["a", 1]]], [LEAST, [["a", 1], ["b", 2]]], [50_000, [["b", 2], ["c", 3]]])

    assert shown_large(lived) == [("a", 0), ("b", LEAST), ("c", 50_000)]


def test_the_next_call_waits_for_the_sound_of_the_one_before(live):
    lived = live([0, [["a", 1], ["b", 2], ["c", 3]]], sounds={"a": 11_500})

    assert shown_large(lived) == [("a", 0), ("b", 11_500), ("c", 11_500 + LEAST)]


def test_a_sound_that_never_ends_does_not_stop_the_wall(live):
    lived = live([0, [["a", 1], ["b", 2]]], sounds={"a": None})

    assert shown_large(lived) == [("a", 0), ("b", MOST)]


def test_a_number_that_is_called_again_is_shown_again(live):
    lived = live([0, [["a", 1]]], [20_000, [["a", 2]]], [20_100, [["a", 2]]])

    assert shown_large(lived) == [("a", 0), ("a", 20_000)]


def test_a_number_that_is_called_again_before_its_turn_keeps_its_place_and_is_shown_once(live):
    lived = live([0, [["a", 1], ["b", 2], ["c", 3]]], [1_000, [["a", 1], ["b", 9], ["c", 3]]])

    assert lived["large"] == [["a", 1, 0], ["b", 9, LEAST], ["c", 3, 2 * LEAST]]


def test_a_call_that_is_taken_back_before_its_turn_is_never_shown(live):
    lived = live([0, [["a", 1], ["b", 2], ["c", 3]]], [1_000, [["a", 1], ["c", 3]]])

    assert shown_large(lived) == [("a", 0), ("c", LEAST)]


def test_a_call_that_is_taken_back_while_it_is_large_goes_at_once(live):
    lived = live([0, [["a", 1], ["b", 2]]], [3_000, [["b", 2]]], [20_000, []])

    assert shown_large(lived) == [("a", 0), ("b", 3_000)]
    assert lived["pictures"][-1] == [20_000, None, []]


def test_a_step_back_to_an_earlier_call_of_a_number_is_no_new_call(live):
    lived = live([0, [["a", 1]]], [20_000, [["a", 5]]], [40_000, [["a", 1]]])

    assert shown_large(lived) == [("a", 0), ("a", 20_000)]


def test_a_party_that_is_at_its_counter_already_is_listed_and_not_called(live):
    lived = live([0, [["a", 1, True], ["b", 2]]], [20_000, [["a", 1, True], ["b", 2]]])

    assert shown_large(lived) == [("b", 0)]
    assert lived["pictures"][-1][1:] == ["b", ["a"]]


def test_parties_at_their_counters_make_room_for_those_to_come(live):
    arrived = [[f"v{n}", n, n in {3, 4}] for n in range(8)]

    lived = live([0, [[v, at] for v, at, _ in arrived]], [100_000, arrived])

    assert lived["pictures"][-1][1:] == ["v7", ["v6", "v5", "v2", "v1", "v0"]]


def test_a_display_that_is_new_says_nothing_of_calls_that_stand_already(live):
    standing = [["a", 1], ["b", 2]]

    lived = live([0, standing], [5_000, [*standing, ["c", 3]]], memory=None)

    assert shown_large(lived) == [("c", 5_000)]
    assert lived["pictures"][0] == [0, "b", ["a"]]


def test_a_display_that_was_loaded_again_shows_only_what_it_has_not_shown(live):
    before = live([0, [["a", 1], ["b", 2]]])

    lived = live([0, [["a", 1], ["b", 7], ["c", 3]]], memory=before["memory"])

    assert shown_large(lived) == [("c", 0), ("b", LEAST)]


def test_what_is_remembered_does_not_grow(live):
    history = [[n * LEAST, [[f"v{n}", n]]] for n in range(1_000)]

    lived = live(*history)

    assert len(lived["large"]) == 1_000
    assert len(lived["memory"]) == 200


@pytest.mark.parametrize("seed", range(40))
def test_on_any_day_every_call_that_stands_is_shown_once_in_order_and_long_enough(live, seed):
    dice = random.Random(seed)  # noqa: S311
    at, standing, history, made, gone = 0, {}, [], {}, {}
    for _ in range(120):
        at += dice.choice((0, 50, 500, 3_000, 9_000, 40_000))
        if standing and dice.random() < 0.35:
            left = dice.choice(list(standing))
            gone[left] = at
            del standing[left]
        else:
            visit = dice.choice([*standing, f"v{len(made)}"])
            standing[visit] = len(made)
            made[visit, len(made)] = at
        history.append([at, [[v, called] for v, called in standing.items()]])
    sounds = {visit: dice.randrange(0, 14_000) for visit, _ in made}

    lived = live(*history, sounds=sounds)

    begun = [(visit, called) for visit, called, _ in lived["large"]]
    assert len(set(begun)) == len(begun), "shown twice"
    for visit, called in standing.items():
        assert (visit, called) in begun, "never shown"
    for (visit, _, since), (_, _, until) in zip(lived["large"], lived["large"][1:], strict=False):
        assert until - since >= LEAST or gone.get(visit, until + 1) <= until, "too short"
    # In order of first calling, but for who was called again while it waited for its turn.
    once = [c for v, c in begun if sum(1 for w, _ in made if w == v) == 1]
    assert once == sorted(once)


def test_a_party_that_was_served_by_mistake_before_its_turn_is_still_called(live):
    lived = live(
        [0, [["a", 1], ["b", 2]]],
        [1_000, [["a", 1], ["b", 2, True]]],
        [2_000, [["a", 1], ["b", 2]]],
        [60_000, [["a", 1], ["b", 2, True]]],
        [70_000, [["a", 1], ["b", 2]]],
    )

    assert shown_large(lived) == [("a", 0), ("b", LEAST)]
    assert ["b"] in [small for now, _, small in lived["pictures"] if now == 1_000]
    assert lived["pictures"][-1][1:] == ["b", ["a"]]
