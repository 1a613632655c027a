// What the pages say, formatted: one function a page, from figures to the view that its template places.
#pragma once

#include <kainjow/mustache.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "report/across.hpp"
#include "report/board.hpp"
#include "store/store.hpp"

namespace assay {

using View = kainjow::mustache::data;
using Views = kainjow::mustache::list;

// The leaderboards of one (task, setting, tier) with their rows. They are made only when a page that shows one has to be
// written.
struct Group {
  const Task* task = nullptr;
  const Setting* setting = nullptr;
  std::string tier;
  std::span<const Result> rows;
  std::string stamp;         // hash of the rows
  Board board;               // the main one
  std::vector<Board> views;  // of task->views, in their order

  const Board& ranked_by(const std::string& metric) const;  // the main one where none is
};

// All that pages are made from, read once. Store queries go through it, one thread at a time.
struct SiteData {
  const Catalog& catalog;
  const Store& store;
  std::vector<Result> results;
  std::map<std::string, Environment> environments;
  std::vector<Group> groups;  // by task and setting as declared, then tier: all declared ones, run or not
  std::unordered_map<std::string, std::vector<const Result*>> by_key;
  std::map<std::string, std::unordered_map<std::int64_t, std::vector<float>>> curves;  // name -> execution -> values
  mutable std::mutex querying;

  SiteData(const Catalog& catalog, const Store& store);
  std::vector<const Group*> groups_of(const std::string& task) const;
  std::vector<const Group*> tiers_of(const Task& task, const Setting& setting) const;
  const Environment& environment(const std::string& id) const;
  template <typename Query>
  auto ask(const Query& query) const {
    const std::lock_guard lock(querying);
    return query(store);
  }
};

// The tier that stands for a setting at a glance: the fullest one that is at least half done, else the one with most
// runs.
const Group* main_tier(const std::vector<const Group*>& tiers);

View home_view(const SiteData& data);
View task_view(const SiteData& data, const Task& task);
View setting_view(const SiteData& data, const Group& group, const Board& board);  // one of the group's
View method_view(const SiteData& data, const Method& method);
View run_view(const SiteData& data, const std::vector<const Result*>& executions);

}  // namespace assay
