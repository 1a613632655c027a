#include "multi-label-kd/label_table.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "multi-label-kd/labelled_data.hpp"

namespace assay::multi_label {

namespace {

namespace fs = std::filesystem;

constexpr const char* kTable = "labels.csv";

struct Place {
  fs::path file;
  std::int64_t line = 1;

  [[noreturn]] void refuse(const std::string& what, const std::string& expected, const std::string& found) const {
    throw DataError({what, file.string() + ":" + std::to_string(line), expected, found, "mend the table"});
  }
};

struct Row {
  Place place;
  std::vector<std::string> fields;
};

// RFC 4180: fields between commas; in quotes they may hold commas, line breaks and doubled quotes. Lines end with LF or
// CRLF; empty ones are left out.
class Csv {
 public:
  explicit Csv(const fs::path& file) : text_(read_file(file)), place_{file} {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // a byte order mark
  }

  std::vector<Row> rows() {
    std::vector<Row> rows;
    while (at_ < text_.size()) {
      auto row = read_row();
      if (row.fields != std::vector<std::string>{""}) rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  Row read_row() {
    Row row{place_, {}};
    do row.fields.push_back(read_field());
    while (skip(","));
    if (!skip("\r\n") && !skip("\n") && at_ < text_.size()) {
      place_.refuse("damaged field", "a comma or the end of the line after a quoted field",
                    "\"" + text_.substr(at_, 1) + "\"");
    }
    ++place_.line;
    return row;
  }

  std::string read_field() {
    if (skip("\"")) return read_quoted();
    const auto end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    auto field = text_.substr(at_, end - at_);
    if (field.find('"') != std::string::npos) place_.refuse("damaged field", "quotes around the whole field", field);
    at_ = end;
    return field;
  }

  std::string read_quoted() {
    const auto begin = place_;
    std::string field;
    while (at_ < text_.size()) {
      if (skip("\"\"")) {
        field += '"';
      } else if (skip("\"")) {
        return field;
      } else {
        if (text_[at_] == '\n') ++place_.line;
        field += text_[at_++];
      }
    }
    begin.refuse("damaged field", "a quote at its end", "the end of the file");
  }

  bool skip(std::string_view what) {
    if (!std::string_view(text_).substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }

  std::string text_;
  Place place_;
  std::size_t at_ = 0;
};

enum class Form { kColumns, kNames };

Form form_of(const Row& header) {
  const auto& fields = header.fields;
  if (fields.size() < 3 || fields[0] != "file" || fields[1] != "split") {
    header.place.refuse("not the head of a label table", "file,split,<class>,... or file,split,labels",
                        join(fields, ","));
  }
  if (fields.size() == 3 && fields[2] == "labels") return Form::kNames;
  std::set<std::string> seen{""};
  for (auto name = fields.begin() + 2; name != fields.end(); ++name) {
    if (!seen.insert(*name).second) {
      header.place.refuse("not a class", "a name for each column, none twice", "\"" + *name + "\"");
    }
  }
  return Form::kColumns;
}

std::vector<std::string> names_in(const Row& row) {
  std::vector<std::string> names;
  if (row.fields[2].empty()) return names;
  for (const auto& part : split(row.fields[2], ';')) {
    const std::string name(trim(part));
    if (name.empty() || std::count(names.begin(), names.end(), name) > 0) {
      row.place.refuse("not a list of labels", "names separated by ';', none twice", row.fields[2]);
    }
    names.push_back(name);
  }
  return names;
}

std::vector<std::string> classes_of(const Row& header, std::span<const Row> rows, Form form) {
  if (form == Form::kColumns) return {header.fields.begin() + 2, header.fields.end()};
  std::set<std::string> classes;
  for (const auto& row : rows) {
    for (auto& name : names_in(row)) classes.insert(std::move(name));
  }
  if (classes.empty()) header.place.refuse("no class", "a label in some row", "none");
  return {classes.begin(), classes.end()};
}

std::vector<float> labels_of(const Row& row, Form form, const std::vector<std::string>& classes) {
  std::vector<float> labels;
  if (form == Form::kColumns) {
    for (auto field = row.fields.begin() + 2; field != row.fields.end(); ++field) {
      if (!field->empty() && *field != "0" && *field != "1") row.place.refuse("not a label", "0, 1 or nothing", *field);
      labels.push_back(field->empty() ? kUnknown : *field == "1" ? 1 : 0);
    }
    return labels;
  }
  const auto names = names_in(row);
  for (const auto& name : classes) labels.push_back(std::count(names.begin(), names.end(), name) > 0 ? 1 : 0);
  return labels;
}

fs::path file_of(const Row& row, const fs::path& folder) {
  const fs::path name = fs::path(row.fields[0]).lexically_normal();
  const bool within = !name.empty() && name.is_relative() && *name.begin() != "..";
  if (!within) row.place.refuse("not a file of the folder", "a path within it", "\"" + row.fields[0] + "\"");
  if (!fs::is_regular_file(folder / name)) {
    row.place.refuse("unknown file", (folder / name).string(), "no such file");
  }
  return name;
}

std::vector<LabelledFile>& split_of(const Row& row, ImageList& list) {
  if (row.fields[1] == "train") return list.train;
  if (row.fields[1] == "val") return list.validation;
  if (row.fields[1] == "test") return list.test;
  row.place.refuse("unknown split", "train, val or test", "\"" + row.fields[1] + "\"");
}

}  // namespace

ImageList read_label_table(const fs::path& folder) {
  const auto table = folder / kTable;
  if (!fs::is_regular_file(table)) {
    throw DataError({"folder without a label table", table.string(), "a CSV file", "no such file", "write one"});
  }
  const auto rows = Csv(table).rows();
  if (rows.empty()) Place{table}.refuse("not the head of a label table", "file,split,...", "nothing");
  const auto& header = rows.front();
  const auto form = form_of(header);
  const auto images = std::span(rows).subspan(1);
  for (const auto& row : images) {
    if (row.fields.size() == header.fields.size()) continue;
    row.place.refuse("row of another length", std::to_string(header.fields.size()) + " fields",
                     std::to_string(row.fields.size()));
  }
  ImageList list{.classes = classes_of(header, images, form)};
  std::map<fs::path, std::int64_t> line_of;
  for (const auto& row : images) {
    auto& split = split_of(row, list);
    const auto name = file_of(row, folder);
    const auto [earlier, first] = line_of.emplace(name, row.place.line);
    if (!first) row.place.refuse("file twice", "one row", "another on line " + std::to_string(earlier->second));
    split.push_back({name.string(), folder / name, labels_of(row, form, list.classes)});
  }
  const Place end{table, rows.back().place.line};
  if (list.train.empty()) end.refuse("no training image", "rows with the split train", "none up to this last row");
  if (list.test.empty()) end.refuse("no test image", "rows with the split test", "none up to this last row");
  return list;
}

}  // namespace assay::multi_label
