#include "geo/synthetic/parcel_map.hpp"

#include "geo/codec/geohash.hpp"
#include "geo/ops/measure.hpp"
#include "geo/synthetic/random.hpp"

#include <array>
#include <cmath>
#include <utility>

namespace diaban::geo::synthetic {

namespace {

constexpr std::int32_t bend_step = 48; // lattice steps (135 m) between vertices of a long side
constexpr double differing = 0.03;     // of the parcels: the paper's area is not the measured one
constexpr unsigned identifier_length = 12;

constexpr std::uint64_t cuts = 400; // purposes of the hashed numbers
constexpr std::uint64_t paper = 401;
constexpr std::uint64_t right = 402;

std::vector<Rect> all_rects(std::span<Block const> blocks, std::uint64_t seed,
                            std::vector<std::size_t>& ends) {
    std::vector<Rect> rects;
    for (auto const& block : blocks) {
        auto const place = (static_cast<std::uint64_t>(block.rect.v0) << 32) |
                           static_cast<std::uint64_t>(block.rect.u0);
        cut(block.rect, block.parcels, mix(seed, cuts, place), rects);
        ends.push_back(rects.size());
    }
    return rects;
}

/// Codes of the cadastral records: recognised by the State, allotted, leased; with fee or without.
std::string_view origin_of(Block const& block, std::uint64_t word) {
    constexpr std::array<std::string_view, 4> homes{"CNQ-KTT", "CNQ-CTT", "DG-CTT", "NCN"};
    constexpr std::array<std::string_view, 3> fields{"DG-KTT", "CNQ-KTT", "DT-THN"};
    auto const i = static_cast<std::size_t>(word % 12);
    return block.tier == Tier::settlement ? homes[i % homes.size()] : fields[i % fields.size()];
}

double to_tenths(double area) noexcept {
    return std::round(area * 10) / 10;
}

} // namespace

ParcelMap::ParcelMap(Landscape const& land, std::vector<Block> blocks, std::uint64_t seed)
    : m_land{land}, m_seed{seed}, m_blocks{std::move(blocks)},
      m_rects{all_rects(m_blocks, seed, m_ends)}, m_mosaic{m_rects, bend_step} {}

std::span<Rect const> ParcelMap::rects(std::size_t block) const noexcept {
    std::size_t const begin = block == 0 ? 0 : m_ends[block - 1];
    return std::span{m_rects}.subspan(begin, m_ends[block] - begin);
}

void ParcelMap::fill(LandParcel& parcel, Block const& block, Rect const& rect,
                     std::uint64_t index) const {
    parcel.area_m2 = to_tenths(ops::geodesic_area(parcel.outline));
    std::uint64_t const word = mix(m_seed, paper, index);
    double const differs = unit(word) < differing ? 0.05 * signed_unit(mix(word)) : 0;
    parcel.legal_area_m2 = to_tenths(parcel.area_m2 * (1 + differs));
    parcel.origin = origin_of(block, mix(m_seed, right, index));
    parcel.geohash = codec::geohash(m_land.degrees(rect.middle()), identifier_length);
    std::string const digits = std::to_string(1'000'000 + index % 9'000'000);
    parcel.owner_name = "Người mẫu " + digits + " (không có thật)";
}

void ParcelMap::for_each(std::function<void(LandParcel const&)> const& take) const {
    LandParcel parcel;
    parcel.outline.kind = GeometryKind::polygon;
    parcel.outline.srid = 4326;
    std::vector<Node> ring;
    std::uint64_t index = 0;
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        Block const& block = m_blocks[i];
        parcel.commune = block.commune;
        parcel.sheet = block.sheet;
        parcel.land_use = block.land_use;
        parcel.planned_use = block.planned_use;
        parcel.number = 0;
        for (Rect const& rect : rects(i)) {
            ++parcel.number;
            m_mosaic.ring(rect, ring);
            auto& outline = parcel.outline;
            outline.positions.clear();
            for (Node const node : ring) outline.positions.push_back(m_land.degrees(node));
            outline.path_ends.assign(1, static_cast<std::uint32_t>(ring.size()));
            outline.part_ends.assign(1, 1);
            fill(parcel, block, rect, index++);
            take(parcel);
        }
    }
}

} // namespace diaban::geo::synthetic
