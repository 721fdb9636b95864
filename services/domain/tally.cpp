#include "services/domain/tally.hpp"

#include "geo/error.hpp"
#include "services/domain/field_numbers.hpp"
#include "tiles/mvt.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <unordered_map>

namespace diaban::services::domain {

namespace {

using tiles::mirror::Partition;

/// Adds without losing small ones among large ones (Neumaier 1974).
class Adding {
public:
    void add(double value) noexcept {
        put(value);
        ++m_counted;
    }
    /// What another has added.
    void add(Adding const& other) noexcept {
        put(other.m_sum);
        m_lost += other.m_lost;
        m_counted += other.m_counted;
    }
    /// `number(row)` of each row that has one. Each addition waits for the one before it: several
    /// sums side by side do not wait for each other.
    template <class Number>
    void add_all(std::span<std::uint32_t const> rows, Number const& number) noexcept {
        constexpr std::size_t lanes = 4;
        if (rows.size() < 4 * lanes) {
            for (auto const row : rows)
                if (double const value = number(row); !std::isnan(value)) add(value);
            return;
        }
        std::array<Adding, lanes> sums;
        for (std::size_t i = 0; i < rows.size(); ++i)
            if (double const value = number(rows[i]); !std::isnan(value))
                sums[i % lanes].add(value);
        for (auto const& sum : sums) add(sum);
    }
    [[nodiscard]] Sum sum() const noexcept { return {m_sum + m_lost, m_counted}; }

private:
    void put(double value) noexcept {
        double const next = m_sum + value;
        m_lost +=
            std::abs(m_sum) >= std::abs(value) ? (m_sum - next) + value : (value - next) + m_sum;
        m_sum = next;
    }

    double m_sum = 0;
    double m_lost = 0;
    std::uint64_t m_counted = 0;
};

/// A tally in the making.
struct Counting {
    explicit Counting(std::size_t fields) : sums(fields) {}

    [[nodiscard]] Tally done() const {
        Tally tally{count, {}};
        for (auto const& sum : sums) tally.sums.push_back(sum.sum());
        return tally;
    }

    void add(Counting const& other) {
        count += other.count;
        for (std::size_t k = 0; k < sums.size(); ++k) sums[k].add(other.sums[k]);
    }

    std::uint64_t count = 0;
    std::vector<Adding> sums;
};

/// The fields of one run, as numbers.
class RunNumbers {
public:
    RunNumbers(tiles::mirror::Run const& run, std::span<geo::Field const* const> fields)
        : m_run{run} {
        for (auto const* const field : fields)
            m_fields.push_back(field != nullptr ? std::optional{FieldNumbers{run, *field}}
                                                : std::nullopt);
    }

    void take(Counting& counting, std::span<std::uint32_t const> rows) const {
        counting.count += rows.size();
        for (std::size_t k = 0; k < m_fields.size(); ++k) {
            auto& sum = counting.sums[k];
            if (auto const& numbers = m_fields[k])
                sum.add_all(rows, [&](std::uint32_t row) { return (*numbers)[row]; });
            else
                sum.add_all(rows, [&](std::uint32_t row) {
                    return row < m_run.located() ? m_run.measures[row] : std::nan("");
                });
        }
    }

private:
    tiles::mirror::Run const& m_run;
    std::vector<std::optional<FieldNumbers>> m_fields;
};

/// Counts by part; rows beside one another mostly lie in one.
class Parts {
public:
    Parts(std::size_t fields, std::size_t most) : m_fields{fields}, m_most{most} {}

    Counting& of(std::uint32_t part) {
        if (m_last != nullptr && part == m_last_part) return *m_last;
        auto const [at, fresh] = m_by_part.try_emplace(part, m_fields);
        if (fresh && part != Partition::nowhere && ++m_parts > m_most)
            throw geo::Error{
                geo::Code::too_large, "too-many-parts", {{"accepted", std::to_string(m_most)}}};
        m_last = &at->second;
        m_last_part = part;
        return *m_last;
    }
    [[nodiscard]] std::unordered_map<std::uint32_t, Counting> const& all() const noexcept {
        return m_by_part;
    }

private:
    std::size_t m_fields;
    std::size_t m_most;
    std::size_t m_parts = 0;
    std::unordered_map<std::uint32_t, Counting> m_by_part; // references stay
    Counting* m_last = nullptr;
    std::uint32_t m_last_part = 0;
};

} // namespace

bool keeps_areas(View const& view) noexcept {
    auto const& schema = view.layer->schema();
    return schema.geometry == geo::GeometryKind::polygon && schema.merges();
}

Tallies tally(std::span<ChosenRows const> chosen, std::span<geo::Field const* const> fields,
              Partition const* partition, std::size_t most_parts) {
    constexpr std::size_t many = 50'000; // rows that are worth a second thread
    Counting all{fields.size()};
    Counting unlocated{fields.size()};
    Parts parts{fields.size(), most_parts};
    for (auto const& [live, chosen_rows] : chosen) {
        auto const& run = *live.run;
        RunNumbers const numbers{run, fields};
        std::span<std::uint32_t const> const rows{chosen_rows};
        auto const located =
            std::size_t(std::ranges::lower_bound(rows, run.located()) - rows.begin());
        numbers.take(unlocated, rows.subspan(located));
        if (partition == nullptr) {
            numbers.take(all, rows.first(located));
            continue;
        }
        auto const part =
            tiles::mirror::parts_of(run, rows.first(located), *partition, located < many ? 1 : 2);
        for (std::size_t first = 0; first < located;) {
            auto last = first + 1;
            while (last < located && part[last] == part[first]) ++last;
            numbers.take(parts.of(part[first]), rows.subspan(first, last - first));
            first = last;
        }
    }
    for (auto const& [number, counting] : parts.all()) all.add(counting);
    all.add(unlocated);
    Tallies result{all.done(), {}, {0, std::vector<Sum>(fields.size())}, unlocated.done()};
    for (auto const& [number, counting] : parts.all())
        if (number == Partition::nowhere)
            result.nowhere = counting.done();
        else
            result.parts.emplace(number, counting.done());
    return result;
}

namespace {

/// How many of the rows have each code of a column.
std::vector<std::uint64_t> counts_by_code(tiles::mirror::Column const& column,
                                          std::span<std::uint32_t const> rows) {
    std::vector<std::uint64_t> counts(column.places.size());
    for (auto const row : rows) ++counts[column.codes[row]];
    return counts;
}

/// A value as a tile holds it, which is the same bytes in every run.
struct Encoded {
    std::string_view bytes;
    std::uint64_t count = 0;
};

} // namespace

DistinctValues distinct_values(std::span<ChosenRows const> chosen, geo::Field const& field,
                               std::size_t most) {
    DistinctValues result;
    std::vector<Encoded> values;
    std::unordered_map<std::string_view, std::size_t> known; // where there are several runs
    for (auto const& [live, rows] : chosen) {
        auto const& column = column_of(*live.run, field);
        auto const counts = counts_by_code(column, rows);
        result.rows += rows.size();
        result.without += counts[0];
        for (std::size_t code = 1; code < counts.size(); ++code) {
            if (counts[code] == 0) continue;
            auto const bytes = live.run->tile_values[column.places[code]];
            if (chosen.size() > 1) {
                auto const [at, fresh] = known.emplace(bytes, values.size());
                if (!fresh) {
                    values[at->second].count += counts[code];
                    continue;
                }
            }
            values.push_back({bytes, counts[code]});
        }
    }
    result.distinct = values.size();
    auto const shown = std::min(most, values.size());
    auto const value = [&](Encoded const& of) {
        return tiles::mvt::decode_value(of.bytes, field.type);
    };
    std::partial_sort(values.begin(), values.begin() + std::ptrdiff_t(shown), values.end(),
                      [&](Encoded const& a, Encoded const& b) {
                          if (a.count != b.count) return a.count > b.count;
                          return value(a) < value(b);
                      });
    for (std::size_t i = 0; i < shown; ++i)
        result.values.push_back({geo::owned(value(values[i])), values[i].count});
    return result;
}

namespace {

/// The values of a field that the rows have.
std::vector<double> values_of(std::span<ChosenRows const> chosen, geo::Field const& field) {
    std::vector<double> values;
    for (auto const& [live, rows] : chosen) {
        FieldNumbers const numbers{*live.run, field};
        for (auto const row : rows)
            if (double const value = numbers[row]; !std::isnan(value)) values.push_back(value);
    }
    return values;
}

std::vector<Histogram::Bin> bins_between(double from, double to, std::size_t count) {
    std::vector<Histogram::Bin> bins(count);
    for (std::size_t i = 0; i < count; ++i) {
        bins[i].from = i == 0 ? from : bins[i - 1].to;
        bins[i].to = i + 1 == count ? to : from + (to - from) * double(i + 1) / double(count);
    }
    return bins;
}

/// The bin of a value that lies within them; its borders decide, not the division.
std::size_t bin_of(std::vector<Histogram::Bin> const& bins, double value) noexcept {
    double const from = bins.front().from;
    double const span = bins.back().to - from;
    auto const last = bins.size() - 1;
    auto bin =
        span > 0 ? std::min(last, std::size_t((value - from) / span * double(bins.size()))) : last;
    while (bin > 0 && value < bins[bin].from) --bin;
    while (bin < last && value >= bins[bin].to) ++bin;
    return bin;
}

/// Nearest rank: the least value that at least that share of all are no greater than. Shares
/// ascend, so each part of the values is gone through only for what is left of it.
std::vector<double> quantiles_of(std::vector<double>& values, std::span<double const> shares) {
    std::vector<double> quantiles;
    auto begin = values.begin();
    for (double const share : shares) {
        auto const rank = std::max(1.0, std::ceil(share * double(values.size())));
        auto const at = values.begin() + std::ptrdiff_t(rank) - 1;
        std::nth_element(begin, at, values.end());
        quantiles.push_back(*at);
        begin = at;
    }
    return quantiles;
}

} // namespace

Histogram histogram(std::span<ChosenRows const> chosen, geo::Field const& field,
                    HistogramQuery const& query) {
    Histogram result;
    auto values = values_of(chosen, field);
    for (auto const& some : chosen) result.rows += some.rows.size();
    result.without = result.rows - values.size();
    if (values.empty()) return result;
    Adding adding;
    for (double const value : values) adding.add(value);
    auto const [least, most] = std::ranges::minmax(values);
    result.least = least;
    result.most = most;
    result.mean = adding.sum().sum / double(values.size());
    result.bins = bins_between(query.from.value_or(least), query.to.value_or(most), query.bins);
    for (double const value : values) {
        if (value < result.bins.front().from)
            ++result.below;
        else if (value > result.bins.back().to)
            ++result.above;
        else
            ++result.bins[bin_of(result.bins, value)].count;
    }
    result.quantiles = quantiles_of(values, query.shares);
    return result;
}

} // namespace diaban::services::domain
