#include "engine/messages.hpp"

#include <algorithm>
#include <limits>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace assay {

namespace {

std::vector<double> read_curve(const Json& json) {
  std::vector<double> points;
  for (const auto& point : json) {
    points.push_back(point.is_null() ? std::numeric_limits<double>::quiet_NaN() : point.get<double>());
  }
  return points;
}

std::string decoded(const Json& json) {
  auto bytes = base64_decode(json.get_ref<const std::string&>());
  if (!bytes) throw std::runtime_error("a result's bytes are not base64");
  return *std::move(bytes);
}

bool measures_time(const std::string& name) { return name.find("seconds") != std::string::npos; }

// Lengths keep neighbours apart: ("ab", "c") and ("a", "bc") differ.
void hash_part(Sha256& hash, std::string_view part) { hash.update(std::to_string(part.size()) + ":").update(part); }

}  // namespace

Json result_to_json(const Execution& execution) {
  Json json{{"metrics", execution.metrics}, {"digest", execution.digest}, {"exhibit", execution.exhibit},
            {"notes", execution.notes},     {"curves", Json::object()},   {"predictions", Json::array()},
            {"pictures", Json::array()}};
  for (const auto& [name, points] : execution.curves) json["curves"][name] = points;  // NaN is written as null
  for (const auto& each : execution.predictions) {
    json["predictions"].push_back(
        {{"name", each.name}, {"dtype", each.dtype}, {"shape", each.shape}, {"bytes", base64_encode(each.bytes)}});
  }
  for (const auto& each : execution.pictures) {
    json["pictures"].push_back(
        {{"sha256", each.sha256}, {"media_type", each.media_type}, {"bytes", base64_encode(each.bytes)}});
  }
  return json;
}

void read_result(const Json& json, Execution& execution) {
  execution.metrics = json.at("metrics").get<std::map<std::string, double>>();
  execution.digest = json.at("digest");
  execution.exhibit = json.at("exhibit");
  execution.notes = json.at("notes");
  for (const auto& [name, points] : json.at("curves").items()) execution.curves[name] = read_curve(points);
  for (const auto& each : json.at("predictions")) {
    execution.predictions.push_back({each.at("name"), each.at("dtype"), each.at("shape"), decoded(each.at("bytes"))});
  }
  for (const auto& each : json.at("pictures")) {
    execution.pictures.push_back({each.at("sha256"), each.at("media_type"), decoded(each.at("bytes"))});
  }
}

std::string digest_of(const Execution& execution, const std::string& more) {
  Sha256 hash;
  for (const auto& [name, value] : execution.metrics) {
    if (!measures_time(name)) hash_part(hash, "metric " + name + " " + shortest(value));
  }
  for (const auto& [name, points] : execution.curves) {
    if (measures_time(name)) continue;
    hash_part(hash, "curve " + name);
    for (const double point : points) hash_part(hash, shortest(point));
  }
  for (const auto& each : execution.predictions) {
    hash_part(hash, "prediction " + each.name + " " + each.dtype + " " + Json(each.shape).dump());
    hash_part(hash, each.bytes);
  }
  hash_part(hash, "exhibit " + execution.exhibit.dump());
  hash_part(hash, "notes " + execution.notes.dump());
  for (const auto& each : execution.pictures) hash_part(hash, "picture " + each.sha256);
  hash_part(hash, more);
  return hash.hex();
}

std::string digest_of_code(const std::vector<BuiltMethod>& methods) {
  std::vector<std::string> lines;
  for (const auto& method : methods) lines.push_back(method.task + " " + method.id + " " + method.code);
  std::sort(lines.begin(), lines.end());
  return sha256(join(lines, "\n"));
}

}  // namespace assay
