"""Limits that an instance may set itself, within what its game allows for."""

from games.contract import Instance
from games.errors import InstanceError


def read_limit(instance: Instance, name: str, most: int) -> int:
    """Read a number from 1 to `most`, which it is where the instance says nothing.

    Raises:
        InstanceError: it is another number, or none.
    """
    number = instance.data.get(name, most)
    if isinstance(number, int) and 1 <= number <= most:
        return number
    raise InstanceError(
        f"{instance.game} instance {instance.instance_id}: '{name}' must be 1 to "
        f"{most}, mend the file"
    )
