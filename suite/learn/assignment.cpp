// Shortest augmenting paths with potentials (Jonker and Volgenant, Computing 1987), written for least cost: the weights
// are negated.
#include "learn/assignment.hpp"

#include <limits>

namespace assay::learn {

namespace {

using Matrix = std::vector<std::vector<double>>;

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Assigns rows one by one; rows <= columns. `row_of[j]`: the row that column j has.
class LeastCost {
 public:
  LeastCost(const Matrix& weight, std::size_t columns)
      : weight_(weight), row_potential_(weight.size(), 0), potential_(columns, 0), row_of_(columns, kNone) {
    for (std::size_t row = 0; row < weight.size(); ++row) insert(row);
  }

  const std::vector<std::size_t>& row_of() const { return row_of_; }

 private:
  double reduced(std::size_t row, std::size_t column) const {
    return -weight_[row][column] - row_potential_[row] - potential_[column];
  }

  // Dijkstra's algorithm over reduced costs, from the new row to the nearest free column.
  void insert(std::size_t new_row) {
    const auto columns = potential_.size();
    std::vector<double> distance(columns, kInfinity);
    std::vector<std::size_t> before(columns, kNone);  // the column from whose row this one was reached
    std::vector<bool> done(columns, false);
    std::size_t row = new_row, column = kNone;
    double reached = 0;
    do {
      std::size_t next = kNone;
      for (std::size_t j = 0; j < columns; ++j) {
        if (done[j]) continue;
        const double by_row = reached + reduced(row, j);
        if (by_row < distance[j]) distance[j] = by_row, before[j] = column;
        if (next == kNone || distance[j] < distance[next]) next = j;
      }
      column = next;
      done[column] = true;
      reached = distance[column];
      row = row_of_[column];
    } while (row != kNone);

    row_potential_[new_row] += reached;
    for (std::size_t j = 0; j < columns; ++j) {
      if (!done[j] || j == column) continue;
      row_potential_[row_of_[j]] += reached - distance[j];
      potential_[j] -= reached - distance[j];
    }
    for (; before[column] != kNone; column = before[column]) row_of_[column] = row_of_[before[column]];
    row_of_[column] = new_row;
  }

  const Matrix& weight_;
  std::vector<double> row_potential_, potential_;
  std::vector<std::size_t> row_of_;
};

Matrix transposed(const Matrix& matrix, std::size_t columns) {
  Matrix result(columns, std::vector<double>(matrix.size()));
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    for (std::size_t j = 0; j < columns; ++j) result[j][i] = matrix[i][j];
  }
  return result;
}

}  // namespace

std::vector<std::int64_t> best_assignment(const std::vector<std::vector<double>>& weight) {
  const std::size_t rows = weight.size(), columns = rows == 0 ? 0 : weight.front().size();
  std::vector<std::int64_t> column_of(rows, -1);
  if (rows > columns) {
    const auto wide = transposed(weight, columns);
    const LeastCost assigned(wide, rows);
    for (std::size_t i = 0; i < rows; ++i) {
      if (assigned.row_of()[i] != kNone) column_of[i] = static_cast<std::int64_t>(assigned.row_of()[i]);
    }
  } else {
    const LeastCost assigned(weight, columns);
    for (std::size_t j = 0; j < columns; ++j) {
      if (assigned.row_of()[j] != kNone) column_of[assigned.row_of()[j]] = static_cast<std::int64_t>(j);
    }
  }
  return column_of;
}

}  // namespace assay::learn
