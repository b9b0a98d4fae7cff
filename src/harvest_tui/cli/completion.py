"""`harvest-tui completion SHELL`: a script that completes commands, options and their values."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping

from harvest_tui.cli.grammar import FILES, FOLDERS, PROGRAM, Command, Part, commands_of
from harvest_tui.cli.output import write_line

Scribe = Callable[[list[Command]], Iterator[str]]


def run(arguments: Namespace) -> int:
    """Print the script for the shell that was named."""
    from harvest_tui.cli.arguments import parser

    for line in SHELLS[arguments.shell](commands_of(parser())):
        write_line(line)
    return 0


# Bash: one function; it first finds the command, the place of the word, and the option whose value is asked for.

_BASH_HEAD = r"""
# In ~/.bashrc:  eval "$(harvest-tui completion bash)"
_harvest_tui_words() {
    local IFS=$'\n'
    COMPREPLY=($(compgen -W "${1// /$'\n'}" -- "$2"))
}
_harvest_tui_paths() {
    local IFS=$'\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen "$1" -- "$2"))
}
_harvest_tui() {
    local word="${COMP_WORDS[COMP_CWORD]}" command="" asked="" place=0 values i
    local words=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ "${COMP_WORDS[i]}" == "=" ]] || words+=("${COMP_WORDS[i]}")
    done
    [[ "$word" == "=" ]] && word=""
    COMPREPLY=()
    for ((i = 0; i < ${#words[@]}; i++)); do
        values=0
        case "$command ${words[i]}" in
""".strip("\n")
_BASH_MIDDLE = r"""
            *" -"*) ;;
            *) if [[ -z "$command" ]]; then command="${words[i]}"; else place=$((place + 1)); fi ;;
        esac
        if ((values)); then
            asked="$command ${words[i]}"
            i=$((i + values))
            ((i < ${#words[@]})) && asked=""
        fi
    done
    case "$asked" in
""".strip("\n")
_BASH_OPTIONS = r"""
        ?*) return ;;
    esac
    if [[ "$word" != -* ]]; then
        case "$command $place" in
""".strip("\n")
_BASH_TAIL = r"""
        esac
    fi
    case "$command" in
""".strip("\n")


def _bash(commands: list[Command]) -> Iterator[str]:
    yield from _BASH_HEAD.splitlines()
    for values in (1, 2):
        taking = [
            f'"{name} {flag}"' for name, part in _options(commands) if part.values == values for flag in part.flags
        ]
        if taking:
            yield f"            {' | '.join(taking)}) values={values} ;;"
    yield from _BASH_MIDDLE.splitlines()
    for name, part in _options(commands):
        if part.words:
            asked = " | ".join(f'"{name} {flag}"' for flag in part.flags)
            yield f"        {asked}) {_bash_reply(part)}; return ;;"
    yield from _BASH_OPTIONS.splitlines()
    yield f'            " 0") _harvest_tui_words "{" ".join(one.name for one in commands[1:])}" "$word"; return ;;'
    for command in commands[1:]:
        for place, part in enumerate(command.arguments):
            if part.words:
                yield f'            "{command.name} {place}") {_bash_reply(part)}; return ;;'
    yield from _BASH_TAIL.splitlines()
    for command in commands:
        flags = " ".join(flag for part in command.options for flag in part.flags)
        yield f'        "{command.name}") _harvest_tui_words "{flags}" "$word" ;;'
    yield from ("    esac", "}", f"complete -F _harvest_tui {PROGRAM}")


def _bash_reply(part: Part) -> str:
    if part.words in ((FILES,), (FOLDERS,)):
        return f'_harvest_tui_paths {"-f" if part.words == (FILES,) else "-d"} "$word"'
    return f'_harvest_tui_words "{" ".join(part.words)}" "$word"'


def _options(commands: list[Command]) -> Iterator[tuple[str, Part]]:
    return ((command.name, part) for command in commands for part in command.options)


# Zsh: its own _arguments does the finding.


def _zsh(commands: list[Command]) -> Iterator[str]:
    program, *rest = commands
    yield f"#compdef {PROGRAM}"
    yield '# In ~/.zshrc, after compinit:  eval "$(harvest-tui completion zsh)"'
    yield "_harvest_tui() {"
    yield '    local curcontext="$curcontext" state line'
    yield "    typeset -A opt_args"
    yield "    _arguments -C \\"
    for part in program.options:
        for spec in _zsh_option(part):
            yield f"        {spec} \\"
    yield "        '1:command:->command' \\"
    yield "        '*::argument:->argument'"
    yield '    case "$state" in'
    yield "        command)"
    yield "            local -a commands"
    yield "            commands=("
    for command in rest:
        yield f"                {_quoted(f'{command.name}:{command.help}')}"
    yield "            )"
    yield "            _describe -t commands command commands ;;"
    yield "        argument)"
    yield '            case "$words[1]" in'
    for command in rest:
        yield f"                {command.name})"
        specs = [spec for part in command.options for spec in _zsh_option(part)]
        specs += [_zsh_argument(place, part) for place, part in enumerate(command.arguments, 1)]
        yield "                    _arguments \\"
        yield from (f"                        {spec} \\" for spec in specs[:-1])
        yield f"                        {specs[-1]} ;;"
    yield from ("            esac ;;", "    esac", "}", f"compdef _harvest_tui {PROGRAM}")


def _zsh_option(part: Part) -> Iterator[str]:
    said = "".join(f"\\{sign}" if sign in "[]:\\" else sign for sign in part.help)
    values = "".join(f":{name}:{_zsh_words(part)}" for name in part.shown.split()[: part.values] if part.values)
    for flag in part.flags:
        yield _quoted(f"{flag}[{said}]{values}")


def _zsh_argument(place: int, part: Part) -> str:
    return _quoted(f"{place}:{part.shown.partition(' ')[0]}:{_zsh_words(part)}")


def _zsh_words(part: Part) -> str:
    if part.words == (FILES,):
        return "_files"
    return "_files -/" if part.words == (FOLDERS,) else f"({' '.join(part.words)})" if part.words else " "


# Fish: one line each.


def _fish(commands: list[Command]) -> Iterator[str]:
    yield "# In ~/.config/fish/config.fish:  harvest-tui completion fish | source"
    yield f"complete -c {PROGRAM} -f"
    for command in commands:
        where = f"-n '__fish_seen_subcommand_from {command.name}'" if command.name else "-n __fish_use_subcommand"
        if command.name:
            words = f"-a {command.name} -d {_fish_quoted(command.help)}"
            yield f"complete -c {PROGRAM} -n __fish_use_subcommand {words}"
        for part in command.options:
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in part.flags)
            takes = "" if not part.values else f" {_fish_words(part)}"
            yield f"complete -c {PROGRAM} {where} {flags}{takes} -d {_fish_quoted(part.help)}"
        for part in command.arguments:
            if part.words:
                yield f"complete -c {PROGRAM} {where} {_fish_words(part).removeprefix('-x ').removeprefix('-r ')}"


def _fish_words(part: Part) -> str:
    if part.words == (FILES,):
        return "-r -F"
    if part.words == (FOLDERS,):
        return "-x -a '(__fish_complete_directories)'"
    return f"-x -a '{' '.join(part.words)}'" if part.words else "-x"


def _quoted(text: str) -> str:
    """A word of a POSIX shell, whatever is in it."""
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SHELLS: Mapping[str, Scribe] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
