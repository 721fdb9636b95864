#include "tests/support/planted_parcels.hpp"

#include "geo/cadastre/parcel_index.hpp"
#include "geo/synthetic/parcel_grid.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>

namespace diaban::tests {

namespace {

using geo::Position;
using geo::cadastre::ParcelIndex;
using geo::cadastre::ParcelSet;
using geo::cadastre::TopologyFault;

constexpr std::uint32_t side = 4; // vertices along a side of a parcel of 17 positions

Position centre(ParcelSet const& parcels, std::uint32_t parcel) {
    auto const box = parcels.box(parcel);
    return {(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2};
}

ParcelSet sound_parcels(std::uint64_t count, std::uint64_t seed) {
    // The same factors for everybody: neighbours keep their common doubles.
    constexpr double metres_east = 105'000;
    constexpr double metres_north = 110'600;
    double const width = std::sqrt(static_cast<double>(count) * 400);
    geo::synthetic::ParcelGrid const grid{
        {.count = count,
         .vertices = 4 * side + 1,
         .box = {105.1, 17.9, 105.1 + width / metres_east, 17.9 + width / metres_north},
         .seed = seed}};
    ParcelSet parcels;
    std::map<std::int64_t, std::int64_t> numbers; // without holes, where the grid's rim leaves some
    geo::synthetic::Parcel parcel;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        for (auto& p : parcel.outline.positions)
            p = {(p.x - 105) * metres_east + 500'000, (p.y - 17.9) * metres_north + 1'980'000};
        parcels.add(parcel.outline, static_cast<std::uint32_t>(parcel.sheet),
                    ++numbers[parcel.sheet]);
    }
    for (std::uint32_t i = 0; i < parcels.size(); ++i)
        if (parcels.holds(i, centre(parcels, i))) parcels.label[i] = centre(parcels, i);
    return parcels;
}

class Planter {
public:
    Planter(PlantedParcels& into, std::uint64_t seed)
        : m_planted{into}, m_parcels{into.parcels}, m_sound{into.parcels}, m_index{m_sound},
          m_random{seed} {
        for (std::uint32_t i = 0; i < m_sound.size(); ++i) m_box.extend(m_sound.box(i));
        for (std::uint32_t i = 0; i < m_sound.size(); ++i) m_sheets[m_sound.sheet[i]].push_back(i);
    }

    /// A corner in the middle of a side, moved in one parcel only: outwards it overlaps.
    void move_corner(TopologyFault fault, double outwards, bool to_other_sheet) {
        for (;;) {
            auto const parcel = free_parcel();
            for (std::uint32_t s = 0; s < 4; ++s) {
                auto const k = s * side + side / 2;
                auto const neighbour = across(parcel, k);
                if ((m_sound.sheet[neighbour] != m_sound.sheet[parcel]) != to_other_sheet) continue;
                auto* const ring = &m_parcels.positions[start(parcel)];
                double const dx = ring[k + 1].x - ring[k - 1].x;
                double const dy = ring[k + 1].y - ring[k - 1].y;
                double const length = std::hypot(dx, dy);
                ring[k] = {ring[k].x + dy / length * outwards, ring[k].y - dx / length * outwards};
                return planted(fault, parcel);
            }
        }
    }

    /// A corner that both neighbours share, pulled through one to its far side.
    void pinch() {
        auto const parcel = free_parcel();
        constexpr auto k = side / 2;
        auto const neighbour = across(parcel, k);
        auto const from = m_sound.positions[start(parcel) + k];
        auto const to = m_sound.positions[start(parcel) + 2 * side + k];
        for (auto const one : {parcel, neighbour})
            for (std::uint32_t i = 0; i <= 4 * side; ++i)
                if (m_parcels.positions[start(one) + i] == from)
                    m_parcels.positions[start(one) + i] = to;
        for (auto const one : {parcel, neighbour}) m_parcels.label[one] = {NAN, NAN};
        planted(TopologyFault::self_touch, parcel);
    }

    void move_label() {
        auto const parcel = free_parcel();
        m_parcels.label[parcel] = centre(m_sound, across(parcel, side / 2));
        planted(TopologyFault::label_outside, parcel);
    }

    /// The last number of a sheet becomes its first, or one in the middle becomes the new last.
    void renumber(bool twice) {
        auto const& [_, members] = *std::next(m_sheets.begin(), m_next_sheet++);
        auto const last = *std::ranges::max_element(
            members, {}, [&](std::uint32_t i) { return m_sound.number[i]; });
        if (twice) {
            m_parcels.number[last] = 1;
            return planted(TopologyFault::duplicate_number, last);
        }
        auto const number = m_sound.number[last] / 2;
        for (auto const i : members)
            if (m_sound.number[i] == number) m_parcels.number[i] = m_sound.number[last] + 1;
        for (auto const i : members)
            if (m_sound.number[i] == number + 1) planted(TopologyFault::missing_number, i);
    }

private:
    std::uint32_t start(std::uint32_t parcel) const {
        return m_sound.ring_begin[m_sound.parcel_begin[parcel]];
    }

    /// Who lies on the other side of corner k, which is in the middle of a side.
    std::uint32_t across(std::uint32_t parcel, std::uint32_t k) const {
        auto const both = m_index.holding(m_sound.positions[start(parcel) + k]);
        if (both.size() != 2) throw std::logic_error{"a side has two parcels"};
        return both[0] == parcel ? both[1] : both[0];
    }

    /// A parcel off the rim with nothing planted within three parcels of it.
    std::uint32_t free_parcel() {
        constexpr double away = 80; // m
        for (;;) {
            auto const parcel = static_cast<std::uint32_t>(m_random() % m_sound.size());
            auto const p = centre(m_sound, parcel);
            if (p.x - m_box.min_x < away || m_box.max_x - p.x < away || p.y - m_box.min_y < away ||
                m_box.max_y - p.y < 2 * away)
                continue;
            std::pair const cell{std::floor(p.x / away), std::floor(p.y / away)};
            bool used = false;
            for (int i = -1; i <= 1; ++i)
                for (int j = -1; j <= 1; ++j)
                    used = used || m_used.contains({cell.first + i, cell.second + j});
            if (used) continue;
            m_used.insert(cell);
            return parcel;
        }
    }

    void planted(TopologyFault fault, std::uint32_t parcel) {
        m_planted.faults.push_back({fault, parcel});
    }

    PlantedParcels& m_planted;
    ParcelSet& m_parcels;
    ParcelSet m_sound;
    ParcelIndex m_index;
    std::mt19937_64 m_random;
    geo::Box m_box;
    std::set<std::pair<double, double>> m_used;
    std::map<std::uint32_t, std::vector<std::uint32_t>> m_sheets;
    std::ptrdiff_t m_next_sheet = 0;
};

} // namespace

PlantedParcels planted_parcels(std::uint64_t count, std::uint32_t of_each, std::uint64_t seed) {
    PlantedParcels planted{sound_parcels(count, seed), {}};
    Planter planter{planted, seed};
    for (std::uint32_t i = 0; i < of_each; ++i) {
        planter.move_corner(TopologyFault::overlap, 0.6, false);
        planter.move_corner(TopologyFault::gap, -0.6, false);
        planter.move_corner(TopologyFault::sliver, i % 2 == 0 ? 0.03 : -0.03, false);
        planter.move_corner(TopologyFault::edge_mismatch, i % 2 == 0 ? 0.03 : -0.03, true);
        planter.pinch();
        planter.move_label();
        planter.renumber(true);
        planter.renumber(false);
    }
    return planted;
}

std::string differences(PlantedParcels const& planted,
                        std::vector<geo::cadastre::TopologyFinding> const& found) {
    std::set<std::pair<TopologyFault, std::uint32_t>> missing;
    for (auto const& fault : planted.faults) missing.emplace(fault.fault, fault.parcel);
    auto const wanted = missing;
    std::map<std::string, std::size_t> wrong;
    for (auto const& finding : found) {
        bool known = false;
        for (auto const parcel : finding.parcels) {
            known = known || wanted.contains({finding.fault, parcel});
            missing.erase({finding.fault, parcel});
        }
        if (!known) ++wrong["false " + std::string{name_of(finding.fault)}];
    }
    for (auto const& [fault, _] : missing) ++wrong["missed " + std::string{name_of(fault)}];
    if (wanted.size() != found.size() && wrong.empty())
        wrong["findings besides the planted"] = found.size();
    std::ostringstream text;
    for (auto const& [what, times] : wrong) text << times << " × " << what << "; ";
    return text.str();
}

} // namespace diaban::tests
