// What is declared: tasks with their settings, methods, data sets. Read from tasks/<task>/task.json,
// baselines/<task>/<method>.json and tasks/datasets/<id>.json; nothing here knows a task or a method by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/strict_json.hpp"

namespace assay {

enum class Direction { kHigher, kLower };

// How far a method has come from one method's ranking score to another's, of the same seed.
struct Gap {
  std::string from, to;
  double least = 0;  // where the two are nearer than this on average, nothing is said
};

struct Metric {
  std::string name, title, unit, meaning;  // unit is "" for pure numbers
  Direction direction = Direction::kHigher;
  std::optional<double> low, high;  // bounds of a possible value
  bool ranks = false;               // exactly one metric of a task ranks
  bool selection = false;           // the ranking metric, had epoch or threshold been chosen otherwise
  bool diagnostic = false;          // shown in grey, never ranked (best epoch on the test set)
  bool required = true;             // a run without it has failed; others are null where they make no sense
  int decimals = 2;
  std::optional<Gap> closes;  // of a metric, in percent, that a board computes from several runs; no run reports it
};

struct Curve {
  std::string name, title, unit;
};

// How much to run. `budget` is the task's own (sizes, epochs, batch); the engine reads only "epochs" for its display.
struct Tier {
  std::vector<std::int64_t> seeds;
  Json budget;
  double time_limit_s = 0;
  std::int64_t memory_mb = 0;
  std::vector<std::string> entries;  // of a sparse setting: labels of those that run by default; empty: all

  bool runs(const std::string& label) const;  // by default
};

// What curves run over, and what their first point is called.
struct CurveSteps {
  std::string title = "epoch or round";
  std::int64_t from = 1;
};

struct Setting {
  std::string id, title, summary, dataset;
  Json parameters;                     // the task's own: kind of corruption, rate, ...
  std::map<std::string, Tier> tiers;   // smoke, quick, standard, paper: those in which the setting runs by default
  std::map<std::string, Tier> others;  // the task's other tiers: a setting that is named exactly runs in any of them
  std::string protocol;                // which of the task's protocols it is played by; "" where the task has one only
  std::optional<CurveSteps> progress;  // where it is not the task's
};

// A further leaderboard of the same runs, ranked by another metric.
struct BoardView {
  std::string id, title, summary, metric;
  std::vector<std::string> shows;  // the other metrics in its table
};

// What the colours of a task's pictures mean.
struct LegendEntry {
  std::string colour, meaning;  // "#56b4e9"
};

struct Task {
  std::string id, title, description, output, baseline;
  // The metric, in seconds, that tells what a method costs. "": the wall time of its runs, which charges a trained teacher or
  // the like to the run that happens to make it.
  std::string cost;
  std::string floor, ceiling;  // reference methods: imputed for failures, and the bound of what can be reached
  std::vector<Metric> metrics;
  std::vector<Curve> curves;
  std::vector<BoardView> views;
  std::vector<LegendEntry> legend;
  CurveSteps progress;
  std::vector<Setting> settings;

  const Metric& ranking() const;
  const Metric* metric(const std::string& name) const;          // nullptr if there is none
  const Setting* setting(const std::string& id) const;          // nullptr if there is none
  const CurveSteps& progress_of(const Setting* setting) const;  // its own, or the task's
};

enum class Role { kReference, kBaseline, kPaper };
std::string to_string(Role role);

struct Paper {
  std::vector<std::string> authors;
  std::string title, venue, url, bibtex;
  std::int64_t year = 0;
};

enum class ParameterType { kReal, kInteger, kFlag, kChoice };

struct Parameter {
  std::string name, meaning, published, why;  // published: the paper's value as printed; why: why ours differs
  ParameterType type = ParameterType::kReal;
  std::vector<std::string> choices;      // of kChoice
  std::optional<double> low, high;       // bounds of numbers, both included
  Json fallback;                         // the default
  std::map<std::string, Json> per_tier;  // defaults of single tiers, where they differ
  std::vector<std::string> protocols;    // those in which it means something; empty: all

  Json value_for(const std::string& tier) const;
  // A value as typed on the command line. UsageError names the parameter, expected, found.
  Json parsed(const std::string& text, const std::string& method) const;
};

struct Claim {
  std::string id, says, source, setting, metric, method, against;
  Direction direction = Direction::kHigher;
  double margin = 0;
  std::optional<double> reported_method, reported_against;
};

struct Method {
  std::string id, task, name, summary;
  Role role = Role::kBaseline;
  std::optional<Paper> paper;
  std::vector<Parameter> parameters;
  std::vector<Json> entries;  // parameter sets that also run by default: {"rho": 0.1}
  std::vector<std::string> privileged, differences, reconstructed;
  std::string device;                  // "any", "cpu", "cuda"
  std::vector<std::string> protocols;  // those of the task's protocols that it takes part in; empty where there is one
  bool deterministic = false;          // draws nothing: every seed gives the same answer
  std::vector<Claim> claims;

  const Parameter* parameter(const std::string& name) const;  // nullptr if there is none
  bool plays(const std::string& protocol) const;              // of a setting
};

struct DataFile {
  // A name that ends with '/' is a folder of files: `locate` says what its checksum and size are.
  std::string name, sha256, url;  // url: "" where the file comes only with a package or by hand
  std::uint64_t size = 0;
  // Without a declared checksum (a file that users make themselves from data that we may not ship): sha256 "" and size
  // 0. Any such file is accepted; its reader checks the content, and the checksum found enters the run key.
  bool pinned() const { return !sha256.empty(); }
  bool is_folder() const { return name.ends_with('/'); }
};

struct DataSet {
  std::string id, title, reader, licence, citation, homepage, package, obtain;  // package: Debian's; obtain: by hand
  bool pictures_allowed = false;     // whether single images may stand on a published page
  std::vector<std::string> classes;  // names of the labels 0, 1, ...; empty where the data set has none
  std::vector<std::string> places;   // folders of system packages
  std::vector<DataFile> files;
  bool generated = false;  // the task's own programs make the data: there are no files
};

struct Catalog {
  std::filesystem::path root;  // the checkout
  std::vector<Task> tasks;
  std::vector<Method> methods;  // by task, then id
  std::vector<DataSet> datasets;

  const Task* task(const std::string& id) const;
  const Method* method(const std::string& task, const std::string& id) const;
  const DataSet* dataset(const std::string& id) const;
  std::vector<const Method*> methods_of(const std::string& task) const;
};

inline const std::vector<std::string> kTiers{"smoke", "quick", "standard", "paper"};

// Reads and cross-checks all declarations below `root`. DeclarationError at the first fault.
Catalog read_catalog(const std::filesystem::path& root);
// The same, but gathers every fault: for `bench check`. Empty means that the declarations are sound.
std::vector<std::string> check_catalog(const std::filesystem::path& root);

// A method with its parameters fixed for a tier: the unit that is run and ranked.
struct Entry {
  const Method* method = nullptr;
  Json parameters;    // every parameter with its value
  std::string label;  // "sam", or "sam[rho=0.1]" where a value is not the tier's default
};
Entry entry_of(const Method& method, const std::string& tier, const Json& chosen);
// Whether the method plays the setting's protocol and no parameter that means nothing there is changed.
bool takes_part(const Entry& entry, const std::string& tier, const Setting& setting);
// What of a method runs by default: its defaults, and the entries of its card; each label once.
std::vector<Entry> default_entries(const Method& method, const std::string& tier);

}  // namespace assay
