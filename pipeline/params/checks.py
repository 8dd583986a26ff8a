"""What has to fit together in params.yaml, beyond the type of each key.

Each check raises ValueError with one sentence; `pipeline.params` names the file.
"""

from games.registry import GAMES
from pipeline.params.policies import list_sources
from pipeline.params.schema import say_unknown
from pipeline.params.sections.whole import Params


def check(params: Params) -> None:
    """Refuse parameters whose sections do not fit together."""
    _check_quantized(params)
    _check_games(params)
    _check_seats(params)
    _check_endpoints(params)
    _check_seated_policies(params)
    _check_overrides(params)
    _check_policies(params)
    _check_names(params)


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
    for where, player in (named | {"grpo.partner": params.grpo.partner}).items():
        if player.kind == "endpoint" and player.endpoint not in params.endpoints:
            hint = say_unknown("endpoint", player.endpoint, params.endpoints)
            raise ValueError(f"{where}.endpoint: {hint}")


def _check_seated_policies(params: Params) -> None:
    """Refuse a policy that a stage depends on though it does not play there.

    dvc.yaml cannot leave a dependency out for some kinds of players. Where no policy
    plays, it is the base, which every policy is made from.
    """
    selfplay, grpo = params.selfplay, params.grpo
    seated = {name for pairing in selfplay.pairings for name in pairing.players}
    players = [selfplay.players[name] for name in seated]
    stages = (
        ("selfplay.learner", selfplay.learner, players, "no player of a pairing is"),
        ("grpo.partner_policy", grpo.partner_policy, [grpo.partner], "the partner is"),
    )
    for key, policy_id, seats, nobody in stages:
        plays = any(player.kind == "policy" for player in seats)
        if policy_id != "base" and not plays:
            raise ValueError(
                f"{key}: '{policy_id}' does not play, for {nobody} of kind policy: "
                "seat it, or set this to base"
            )


def _check_overrides(params: Params) -> None:
    """Every variant has an entry in `overrides`, if only an empty one."""
    for stage in (params.sft, params.dpo, params.grpo):
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
    if params.sft.variants:
        named["sft.start"] = [params.sft.start]
    if params.dpo.variants:
        named["dpo.start"] = [params.dpo.start]
    if params.grpo.variants:
        named["grpo.starts"] = params.grpo.starts
        named["grpo.partner_policy"] = [params.grpo.partner_policy]
    named["policies"] = params.policies
    for key, policy_ids in named.items():
        for policy_id in policy_ids:
            if policy_id not in made:
                raise ValueError(f"{key}: {say_unknown('policy', policy_id, made)}")
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
            "grpo.partner_policy"
        )
    for source in made[policy_id]:
        _check_origin(source, made, (*path, policy_id))


def _check_names(params: Params) -> None:
    """No two stages have one name: DVC joins the parts of a name by '-'."""
    owners: dict[str, str] = {}
    for start in params.grpo.starts:
        for variant in params.grpo.variants:
            name = f"{start}-{variant}"
            other = owners.setdefault(name, f"variant '{variant}' from '{start}'")
            if other != f"variant '{variant}' from '{start}'":
                raise ValueError(
                    f"grpo: variant '{variant}' from '{start}' and {other} would both "
                    f"be the stage grpo@{name}-{params.seeds[0]}: rename one of them"
                )
