"""What has to fit together in params.yaml, beyond the type of each key.

Each check raises ValueError with one sentence; `pipeline.params` names the file.
"""

from pathlib import Path
from typing import Any

from games.registry import GAMES
from pipeline.params.policies import list_evaluated, list_sources, pair_seed
from pipeline.params.schema import Variants, say_unknown
from pipeline.params.sections.whole import Params

REWARDS = Path(__file__).parents[2] / "stages/grpo/rewards"


def check(params: Params) -> None:
    """Refuse parameters whose sections do not fit together."""
    _check_quantized(params)
    _check_games(params)
    _check_seats(params)
    _check_endpoints(params)
    _check_seated_policies(params)
    _check_overrides(params)
    _check_policies(params)
    _check_grpo(params)
    _check_lineups(params)


def _check_quantized(params: Params) -> None:
    """Weights of four bits need a GPU, and are not trained themselves."""
    compute = params.compute
    if compute.quantize is None:
        return
    if compute.device != "cuda" or compute.engine != "transformers":
        raise ValueError(
            f"compute.quantize: {compute.quantize} needs device cuda and engine "
            "transformers: set them, or this to null"
        )
    trained = {"warmup": params.warmup.adapter} if params.warmup.variants else {}
    for section in (params.sft, params.dpo, params.grpo):
        stage = type(section).__name__.lower()
        for name in section.variants:
            trained[f"{stage} variant '{name}'"] = section.variant(name).adapter
    for name, adapter in trained.items():
        if not adapter.enabled:
            raise ValueError(
                f"compute.quantize: {name} trains full weights, which four bits "
                "cannot hold: set its adapter.enabled to true, or this to null"
            )


def _check_games(params: Params) -> None:
    """Every game exists and is either trained on or held out."""
    held_in, held_out = params.games.held_in, params.games.held_out
    for key, games in (("held_in", held_in), ("held_out", held_out)):
        for game in games:
            if game not in GAMES:
                raise ValueError(f"games.{key}: {say_unknown('game', game, GAMES)}")
    for game in held_in:
        if game in held_out:
            raise ValueError(
                f"games: '{game}' is both held in and held out, so that no result "
                "would be on an unseen game: take it out of one list"
            )
    for game in params.leakage.may_overlap:
        if game not in GAMES:
            raise ValueError(f"leakage.may_overlap: {say_unknown('game', game, GAMES)}")
    for name in params.sft.overrides:
        for game in params.sft.variant(name).games or []:
            if game not in held_in:
                hint = say_unknown("held-in game", game, held_in)
                raise ValueError(f"sft.overrides.{name}.games: {hint}")


def _check_seats(params: Params) -> None:
    """Every seat of a game is filled, by a player that is described.

    A game with fewer roles than a pairing has players takes the first of them.
    """
    players = params.selfplay.players
    for number, pairing in enumerate(params.selfplay.pairings):
        for player in pairing.players:
            if player not in players:
                hint = say_unknown("player", player, players)
                raise ValueError(f"selfplay.pairings.{number}: {hint}")
        for game in params.games.held_in:
            known = GAMES[game].spec.roles
            if len(pairing.players) < len(known):
                raise ValueError(
                    f"selfplay.pairings.{number}: {game} needs a player for each of "
                    f"{', '.join(known)}, not {len(pairing.players)}"
                )
    for name in params.grpo.overrides:
        for game, roles in params.grpo.variant(name).roles.items():
            where = f"grpo.overrides.{name}.roles"
            if game not in params.games.held_in:
                games = params.games.held_in
                raise ValueError(f"{where}: {say_unknown('held-in game', game, games)}")
            for role in roles:
                known = GAMES[game].spec.roles
                if role not in known:
                    raise ValueError(
                        f"{where}.{game}: {say_unknown('role', role, known)}"
                    )


def _check_endpoints(params: Params) -> None:
    """Every endpoint that plays is described."""
    named = {f"selfplay.players.{n}": p for n, p in params.selfplay.players.items()}
    for name in params.grpo.overrides:
        key = _locate("grpo", params.grpo, name, "partners")
        for number, player in enumerate(params.grpo.variant(name).partners):
            named[f"{key}.{number}"] = player
    for where, player in named.items():
        if player.kind == "endpoint" and player.endpoint not in params.endpoints:
            hint = say_unknown("endpoint", player.endpoint, params.endpoints)
            raise ValueError(f"{where}.endpoint: {hint}")


def _check_seated_policies(params: Params) -> None:
    """Refuse a policy that a stage depends on though it does not play there.

    dvc.yaml cannot leave a dependency out for some kinds of players. Where no policy
    plays, it is the base, which every policy is made from.
    """
    selfplay = params.selfplay
    seated = {name for pairing in selfplay.pairings for name in pairing.players}
    players = [selfplay.players[name] for name in seated]
    stages = [
        ("selfplay.learner", selfplay.learner, players, "no player of a pairing is")
    ]
    for name in params.grpo.overrides:
        own = params.grpo.variant(name)
        key = _locate("grpo", params.grpo, name, "partner_policy")
        stages.append((key, own.partner_policy, own.partners, "no partner is"))
    for key, policy_id, seats, nobody in stages:
        plays = any(player.kind == "policy" for player in seats)
        if policy_id != "base" and not plays:
            raise ValueError(
                f"{key}: '{policy_id}' does not play, for {nobody} of kind policy: "
                "seat it, or set this to base"
            )


def _locate(name: str, stage: Variants[Any], variant: str, key: str) -> str:
    """Name the place where a variant's value of a key is written."""
    is_own = key in stage.overrides[variant]
    return f"{name}.overrides.{variant}.{key}" if is_own else f"{name}.common.{key}"


def _check_overrides(params: Params) -> None:
    """Every variant has an entry in `overrides`, if only an empty one."""
    for stage in (params.sft, params.dpo, params.grpo, params.play):
        for variant in stage.variants:
            if variant not in stage.overrides:
                name = type(stage).__name__.lower()
                raise ValueError(
                    f"{name}.overrides: '{variant}' has no entry, add `{variant}: {{}}`"
                )


def _check_policies(params: Params) -> None:
    """Every policy that is named is made by some stage, and not from itself."""
    made = list_sources(params)
    named = {"selfplay.learner": [params.selfplay.learner]}
    if params.warmup.variants:
        named["warmup.start"] = [params.warmup.start]
    seed = params.seeds[0]
    for name, stage in (
        ("sft", params.sft),
        ("dpo", params.dpo),
        ("grpo", params.grpo),
    ):
        for variant in stage.variants:
            start = pair_seed(stage.variant(variant).start, seed)
            named[_locate(name, stage, variant, "start")] = [start]
    for variant in params.grpo.variants:
        partner = pair_seed(params.grpo.variant(variant).partner_policy, seed)
        key = _locate("grpo", params.grpo, variant, "partner_policy")
        named[key] = [partner]
    for key, policy_ids in named.items():
        for policy_id in policy_ids:
            if policy_id not in made:
                raise ValueError(f"{key}: {say_unknown('policy', policy_id, made)}")
    list_evaluated(params)
    for policy_id in made:
        _check_origin(policy_id, made, ())


def _check_origin(
    policy_id: str, made: dict[str, tuple[str, ...]], path: tuple[str, ...]
) -> None:
    """Follow a policy back to the base."""
    if policy_id in path:
        raise ValueError(
            f"'{policy_id}' would be made from itself "
            f"({' <- '.join((*path, policy_id))}): change a start, selfplay.learner or "
            "partner_policy"
        )
    for source in made[policy_id]:
        _check_origin(source, made, (*path, policy_id))


def _check_grpo(params: Params) -> None:
    """Every reward is there, and turns branch beside a partner alone."""
    rewards = [path.stem for path in REWARDS.glob("[a-z]*.py")]
    for variant in params.grpo.overrides:
        settings = params.grpo.variant(variant)
        if settings.reward not in rewards:
            key = _locate("grpo", params.grpo, variant, "reward")
            raise ValueError(
                f"{key}: {say_unknown('reward', settings.reward, rewards)}"
            )
        if settings.level == "turn" and not settings.partners:
            key = _locate("grpo", params.grpo, variant, "level")
            raise ValueError(
                f"{key}: turn needs partners, for a group that branches at one role's "
                "turn says nothing of the others': name a partner, or set it to episode"
            )


def _check_lineups(params: Params) -> None:
    """Refuse several samples of an instance that would all be alike."""
    for name in params.play.overrides:
        lineup = params.play.variant(name)
        if lineup.samples > 1 and lineup.temperature == 0 and not lineup.partner:
            key = _locate("play", params.play, name, "samples")
            raise ValueError(
                f"{key}: {lineup.samples} greedy episodes of an instance would all be "
                "alike: raise the temperature, or set samples to 1"
            )
