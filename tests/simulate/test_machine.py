"""The same worlds, driven by hypothesis: it looks for the shortest way to break an invariant."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agentdesk.simulate.world import World

SORTS = (
    "busy",
    "centre crash",
    "centre killed",
    "centre restored",
    "clock",
    "desk crash",
    "desk killed",
    "dismissal",
    "disk",
    "leases",
    "line",
    "odd operations",
    "policy",
    "pushes refused",
    "scopes",
    "site copied",
    "site enrolled",
    "site restored",
    "snapshots",
    "versions",
    "weather",
)


class SyncMachine(RuleBasedStateMachine):
    """Agents that work, time that passes, faults that come; at the end all is healed and has to arrive."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None

    @initialize(seed=st.integers(1, 1_000_000))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.world.__enter__()
        self.world.build()
        self.world.until(10_000)

    @rule(which=st.integers(0, 20), times=st.integers(1, 5))
    def agents_work(self, which: int, times: int) -> None:
        assert self.world is not None
        agents = sorted(self.world.agents.values(), key=lambda agent: agent.desk.name)
        for _ in range(times):
            agents[which % len(agents)].act()

    @rule(ms=st.sampled_from((10, 200, 2_000, 15_000, 70_000)))
    def time_passes(self, ms: int) -> None:
        assert self.world is not None
        self.world.until(self.world.timeline.now + ms)

    @rule(sort=st.sampled_from(SORTS))
    def something_goes_wrong(self, sort: str) -> None:
        assert self.world is not None
        self.world.faults.strike(sort)

    @invariant()
    def nothing_is_broken(self) -> None:
        if self.world is not None:
            assert not self.world.violations, "\n".join(self.world.story.read(60))

    def teardown(self) -> None:
        world, self.world = self.world, None
        if world is None:
            return
        try:
            if not world.violations:
                world.settle()
            assert not world.violations, "\n".join(world.story.read(60))
        finally:
            world.__exit__(None, None, None)


TestSyncMachine = SyncMachine.TestCase
TestSyncMachine.settings = settings(
    max_examples=6,
    stateful_step_count=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_every_sort_of_fault_may_come() -> None:
    with World(1) as world:
        assert sorted(SORTS) == world.faults.sorts
