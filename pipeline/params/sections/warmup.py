"""The section `warmup`."""

from pipeline.params.schema import Count, Names, PolicyId, Rate, Section, Whole
from pipeline.params.sections.training import Adapter


class Warmup(Section):
    """Instruction mini-tasks that teach formats."""

    variants: Names
    start: PolicyId
    tasks_per_template: Count
    epochs: Count
    batch_size: Count
    learning_rate: Rate
    warmup_steps: Whole
    adapter: Adapter
    save_steps: Count
