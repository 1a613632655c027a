#include <iostream>

#include "cli/command.hpp"

namespace assay::cli {

namespace {

// Names of tasks, settings and methods are asked of bench itself, so that they are those of the checkout.
constexpr const char* kBash = R"sh(_bench() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words
  case $previous in
    -t|--task) words=$(bench list tasks --plain 2>/dev/null) ;;
    -m|--method) words=$(bench list methods --plain 2>/dev/null) ;;
    --setting) words=$(bench list settings --plain 2>/dev/null) ;;
    --tier) words="smoke quick standard paper" ;;
    --device) words="auto cpu cuda" ;;
    --isa) words="avx2 native" ;;
    show) words="$(bench list all --plain 2>/dev/null)" ;;
    list) words="tasks settings methods datasets" ;;
    data) words="list get verify prune" ;;
    completion) words="bash zsh fish" ;;
    --db) COMPREPLY=($(compgen -f -- "$word")); return ;;
    *)
      if [ "$COMP_CWORD" -eq 1 ]; then words="@COMMANDS@"
      else words=$(bench "${COMP_WORDS[1]}" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+' | sort -u); fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _bench bench ./ci/bench
)sh";

constexpr const char* kFish = R"sh(complete -c bench -f
complete -c bench -n __fish_use_subcommand -a "@COMMANDS@"
complete -c bench -s t -l task -x -a "(bench list tasks --plain)"
complete -c bench -s m -l method -x -a "(bench list methods --plain)"
complete -c bench -l setting -x -a "(bench list settings --plain)"
complete -c bench -l tier -x -a "smoke quick standard paper"
complete -c bench -l device -x -a "auto cpu cuda"
complete -c bench -n "__fish_seen_subcommand_from show" -a "(bench list methods --plain)"
)sh";

std::string with_commands(std::string script, const CLI::App& app) {
  std::string names;
  for (const auto* command : app.get_subcommands({})) names += (names.empty() ? "" : " ") + command->get_name();
  for (std::size_t at; (at = script.find("@COMMANDS@")) != std::string::npos;) script.replace(at, 10, names);
  return script;
}

}  // namespace

void add_completion(CLI::App& app, ExitCode&) {
  auto shell = std::make_shared<std::string>();
  app.add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  app.footer(
      "Examples:\n  source <(bench completion bash)\n  bench completion fish > ~/.config/fish/completions/bench.fish");
  app.callback([shell, &app] {
    const auto& bench = *app.get_parent();
    if (*shell == "fish") {
      std::cout << with_commands(kFish, bench);
    } else {
      std::cout << (*shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "")
                << with_commands(kBash, bench);
    }
  });
}

}  // namespace assay::cli
