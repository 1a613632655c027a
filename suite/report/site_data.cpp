#include <algorithm>

#include "core/hash.hpp"
#include "report/view.hpp"

namespace assay {

namespace {

// All fields of a row, so that any change of it changes the pages that it stands on.
void hash_row(Sha256& hash, const Result& row) {
  std::string line;
  for (const auto* text : {&row.key, &row.task, &row.setting, &row.tier, &row.method, &row.label, &row.parameters,
                           &row.environment, &row.code, &row.failure, &row.message, &row.digest}) {
    line += *text;
    line += '\0';
  }
  const auto add = [&line](const auto& value) { line.append(reinterpret_cast<const char*>(&value), sizeof value); };
  add(row.id), add(row.seed), add(row.started_ms), add(row.peak_memory_kb), add(row.seconds), add(row.cpu_seconds);
  for (const auto& [name, value] : row.metrics) {
    line += name;
    add(value);
  }
  hash.update(line);
}

using GroupKey = std::tuple<std::string, std::string, std::string>;

std::map<GroupKey, std::span<const Result>> group_rows(const std::vector<Result>& results) {
  std::map<GroupKey, std::span<const Result>> groups;
  for (std::size_t begin = 0; begin < results.size();) {
    const auto& first = results[begin];
    std::size_t end = begin;
    while (end < results.size() && results[end].task == first.task && results[end].setting == first.setting &&
           results[end].tier == first.tier) {
      ++end;
    }
    groups[{first.task, first.setting, first.tier}] = std::span(results).subspan(begin, end - begin);
    begin = end;
  }
  return groups;
}

std::size_t tier_order(const std::string& tier) {
  return static_cast<std::size_t>(std::find(kTiers.begin(), kTiers.end(), tier) - kTiers.begin());
}

}  // namespace

SiteData::SiteData(const Catalog& catalog_, const Store& store_)
    : catalog(catalog_), store(store_), results(store_.results()) {
  for (auto& environment : store.environments()) {
    auto id = environment.id;
    environments.emplace(std::move(id), std::move(environment));
  }
  const auto rows = group_rows(results);
  for (const auto& task : catalog.tasks) {
    for (const auto& setting : task.settings) {
      for (const auto& tier : kTiers) {
        if (!setting.tiers.contains(tier)) continue;
        Group group{&task, &setting, tier, {}, "", {}, {}};
        if (const auto found = rows.find({task.id, setting.id, tier}); found != rows.end()) group.rows = found->second;
        Sha256 hash;
        for (const auto& row : group.rows) {
          hash_row(hash, row);
          by_key[row.key].push_back(&row);
        }
        group.stamp = hash.hex();
        groups.push_back(std::move(group));
      }
    }
  }
}

std::vector<const Group*> SiteData::groups_of(const std::string& task) const {
  std::vector<const Group*> found;
  for (const auto& group : groups) {
    if (group.task->id == task) found.push_back(&group);
  }
  return found;
}

std::vector<const Group*> SiteData::tiers_of(const Task& task, const Setting& setting) const {
  std::vector<const Group*> found;
  for (const auto& group : groups) {
    if (group.task == &task && group.setting == &setting) found.push_back(&group);
  }
  return found;
}

const Environment& SiteData::environment(const std::string& id) const {
  static const Environment none;
  const auto found = environments.find(id);
  return found == environments.end() ? none : found->second;
}

const Board& Group::ranked_by(const std::string& metric) const {
  const auto found =
      std::find_if(views.begin(), views.end(), [&](const Board& one) { return one.metric->name == metric; });
  return board.metric->name == metric || found == views.end() ? board : *found;
}

const Group* main_tier(const std::vector<const Group*>& tiers) {
  const Group* best = nullptr;
  const auto rank = [](const Group& group) {
    const bool half = 2 * group.board.ok >= group.board.planned && group.board.ok > 0;
    return std::tuple(half, half ? tier_order(group.tier) : group.board.ok);
  };
  for (const auto* group : tiers) {
    if (!best || rank(*group) > rank(*best)) best = group;
  }
  return best;
}

}  // namespace assay
