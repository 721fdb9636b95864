#include "geo/statistics/carry.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace diaban::geo::statistics {

namespace {

bool weighs(double weight) {
    return weight > 0; // NaN does not
}

/// Links of each unit that is carried, together.
std::vector<std::vector<UnitLink>> by_source(std::span<UnitLink const> links, std::size_t sources) {
    std::vector<std::vector<UnitLink>> sorted(sources);
    for (auto const& link : links)
        if (link.from < sources) sorted[link.from].push_back(link);
    return sorted;
}

std::vector<double> shares_of(std::span<UnitLink const> links, std::span<double const> weights) {
    std::vector<double> shares;
    bool const published =
        std::ranges::all_of(links, [](UnitLink const& link) { return link.share.has_value(); });
    for (auto const& link : links) {
        double const weight = link.to < weights.size() ? weights[link.to] : 0;
        shares.push_back(published ? *link.share : weighs(weight) ? weight : 0);
    }
    double const sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (double& share : shares)
        share = sum > 0 ? share / sum : 1 / static_cast<double>(links.size());
    return shares;
}

/// `value` in parts that sum to it; whole ones of a whole number.
std::vector<double> divided(double value, std::span<double const> shares) {
    std::vector<double> parts;
    bool const whole = value == std::trunc(value) && std::abs(value) < 9e15;
    for (double const share : shares)
        parts.push_back(whole ? std::trunc(value * share) : value * share);
    double const sum = std::accumulate(parts.begin(), parts.end(), 0.0);
    if (!whole) {
        parts.back() += value - sum;
        return parts;
    }
    std::vector<std::size_t> order(parts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return std::abs(value * shares[a] - parts[a]) > std::abs(value * shares[b] - parts[b]);
    });
    double const step = value < sum ? -1 : 1;
    auto left = static_cast<std::size_t>(std::abs(value - sum));
    for (std::size_t i = 0; left > 0; i = (i + 1) % order.size(), --left) parts[order[i]] += step;
    return parts;
}

void give_part(Carried& unit, double part, double whole, bool published) {
    ++unit.parts;
    unit.estimated += part;
    unit.low += published ? part : std::min(0.0, whole);
    unit.high += published ? part : std::max(0.0, whole);
}

} // namespace

CarriedAll carry_sum(std::span<double const> values, std::span<UnitLink const> links,
                     std::size_t targets, std::span<double const> weights) {
    CarriedAll all;
    all.units.resize(targets);
    auto const sorted = by_source(links, values.size());
    for (std::uint32_t from = 0; from < values.size(); ++from) {
        double const value = values[from];
        if (std::isnan(value)) continue;
        auto const& theirs = sorted[from];
        if (theirs.empty()) {
            all.waiting.push_back(from);
            all.waiting_sum += value;
        } else if (theirs.size() == 1) {
            auto& unit = all.units[theirs[0].to];
            ++unit.whole;
            unit.exact += value;
            unit.low += value;
            unit.high += value;
            all.exact += value;
        } else {
            auto const shares = shares_of(theirs, weights);
            auto const parts = divided(value, shares);
            for (std::size_t i = 0; i < theirs.size(); ++i)
                give_part(all.units[theirs[i].to], parts[i], value, theirs[i].share.has_value());
            all.estimated += value;
        }
    }
    return all;
}

std::vector<Averaged> carry_mean(std::span<double const> values, std::span<UnitLink const> links,
                                 std::size_t targets, std::span<double const> weights) {
    std::vector<Averaged> averaged(targets);
    std::vector<double> sums(targets);
    std::vector<double> weight(targets);
    std::vector<bool> all_weigh(targets, true);
    auto const sorted = by_source(links, values.size());
    for (std::size_t from = 0; from < values.size(); ++from) {
        if (std::isnan(values[from])) continue;
        for (auto const& link : sorted[from]) {
            auto& unit = averaged[link.to];
            unit.low = unit.parts == 0 ? values[from] : std::min(unit.low, values[from]);
            unit.high = unit.parts == 0 ? values[from] : std::max(unit.high, values[from]);
            ++unit.parts;
            unit.exact = unit.parts == 1 && sorted[from].size() == 1;
            double const w = from < weights.size() ? weights[from] : 0;
            if (!weighs(w)) {
                all_weigh[link.to] = false;
                continue;
            }
            sums[link.to] += w * values[from];
            weight[link.to] += w;
        }
    }
    for (std::size_t to = 0; to < targets; ++to) {
        auto& unit = averaged[to];
        if (unit.parts > 0 && unit.low == unit.high)
            unit.value = unit.low;
        else if (unit.parts > 0 && all_weigh[to])
            unit.value = sums[to] / weight[to];
    }
    return averaged;
}

} // namespace diaban::geo::statistics
