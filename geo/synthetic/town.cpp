#include "geo/synthetic/town.hpp"

#include "geo/synthetic/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace diaban::geo::synthetic {

namespace {

constexpr std::uint64_t settled = 600; // purposes of the hashed numbers
constexpr std::uint64_t built = 601;
constexpr std::uint64_t watched = 602;

std::string number(std::uint64_t n) {
    return std::to_string(n);
}

/// Parcels of a commune's settlements, or of all its land where it has none.
std::vector<std::vector<Rect>> building_ground(ParcelMap const& map) {
    std::vector<std::vector<Rect>> ground(map.land().communes().size());
    for (bool const town : {true, false})
        for (std::size_t i = 0; i < map.blocks().size(); ++i) {
            Block const& block = map.blocks()[i];
            auto& rects = ground[block.commune];
            bool const wanted = town ? block.tier == Tier::settlement : rects.empty();
            if (!wanted) continue;
            auto const parcels = map.rects(i);
            rects.insert(rects.end(), parcels.begin(), parcels.end());
        }
    return ground;
}

/// Builds in one commune, each building on a parcel of its own as long as there are any.
class Builder {
public:
    Builder(ParcelMap const& map, std::uint32_t commune, std::vector<Rect> ground,
            std::uint64_t seed, std::vector<Facility>& into)
        : m_map{map}, m_commune{commune}, m_ground{std::move(ground)}, m_random{seed}, m_into{
                                                                                           into} {}

    void add(std::string_view kind, std::string const& what, std::int64_t low, std::int64_t high) {
        if (m_ground.empty()) return;
        std::size_t const chosen = static_cast<std::size_t>(m_random.below(m_ground.size()));
        Facility facility;
        facility.at = m_map.land().degrees(m_ground[chosen].middle());
        m_ground[chosen] = m_ground.back();
        m_ground.pop_back();
        facility.commune = m_commune;
        facility.kind = kind;
        Commune const& commune = m_map.land().communes()[m_commune];
        facility.name = what + " " + commune.name;
        facility.capacity = low + static_cast<std::int64_t>(
                                      m_random.below(static_cast<std::uint64_t>(high - low + 1)));
        facility.address = (commune.urban() ? "Tổ dân phố " : "Thôn ") +
                           number(1 + m_random.below(12)) + ", " + commune.full_name;
        m_into.push_back(std::move(facility));
    }
    void add_several(std::uint64_t count, std::string_view kind, std::string const& what,
                     std::int64_t low, std::int64_t high) {
        for (std::uint64_t i = 1; i <= count; ++i)
            add(kind, count > 1 ? what + " số " + number(i) : what, low, high);
    }
    bool chance(double probability) { return m_random.chance(probability); }

private:
    ParcelMap const& m_map;
    std::uint32_t m_commune;
    std::vector<Rect> m_ground;
    Random m_random;
    std::vector<Facility>& m_into;
};

double azimuth(Plane const& plane, Position from, Position to) noexcept {
    Position const a = plane.metres(from);
    Position const b = plane.metres(to);
    double const degrees = std::atan2(b.x - a.x, b.y - a.y) * 180 / std::numbers::pi;
    return degrees < 0 ? degrees + 360 : degrees;
}

/// What a kind of camera sees.
struct Optics {
    std::string_view kind;
    double field_of_view;
    double range_m;
    double height_m;
};
constexpr std::array<Optics, 8> optics{{{"fixed", 75, 60, 5},
                                        {"fixed", 60, 80, 6},
                                        {"dome", 110, 40, 4.5},
                                        {"ptz", 55, 250, 9},
                                        {"traffic", 40, 150, 8},
                                        {"traffic", 35, 180, 8},
                                        {"fixed", 90, 50, 5},
                                        {"thermal", 25, 900, 18}}};

std::string_view device_status(double at) noexcept {
    if (at < 0.9) return "active";
    if (at < 0.95) return "silent";
    return at < 0.985 ? "maintenance" : "inactive";
}

} // namespace

std::vector<std::int64_t> people(Landscape const& land, std::uint64_t seed) {
    std::vector<std::int64_t> result;
    for (std::size_t i = 0; i < land.communes().size(); ++i) {
        Position const centre = land.centre(i);
        bool const plain = land.to_coast(centre) < 20'000 || land.to_river(centre) < 2'000;
        double const density = land.communes()[i].urban() ? 1'400 : plain ? 420 : 90; // a km²
        double const spread = std::exp2(signed_unit(mix(seed, settled, i)));          // ½ … 2
        double const area = land.area_km2(i);
        // Large communes are mostly hills.
        double const lived_in = area < 60 ? area : 60 + (area - 60) * 0.25;
        result.push_back(std::llround(density * spread * lived_in));
    }
    return result;
}

std::vector<Facility> make_facilities(ParcelMap const& map, std::vector<std::int64_t> const& people,
                                      std::uint64_t seed) {
    std::vector<Facility> facilities;
    auto ground = building_ground(map);
    for (std::uint32_t i = 0; i < ground.size(); ++i) {
        Commune const& commune = map.land().communes()[i];
        std::string const unit = commune.urban() ? "phường" : "xã";
        Builder builder{map, i, std::move(ground[i]), mix(seed, built, i), facilities};
        auto const thousands = static_cast<std::uint64_t>(people[i]) / 1'000;
        builder.add("office", "Ủy ban nhân dân " + unit, 40, 90);
        builder.add("police", "Công an " + unit, 15, 45);
        builder.add("clinic", "Trạm Y tế " + unit, 10, 40);
        builder.add_several(1 + thousands / 6, "school", "Trường Mầm non", 120, 400);
        builder.add_several(1 + thousands / 8, "school", "Trường Tiểu học", 250, 900);
        builder.add_several(1 + thousands / 12, "school", "Trường Trung học cơ sở", 250, 900);
        builder.add_several(2 + thousands / 4, "shelter", "Nhà văn hóa tránh trú bão lũ", 80, 400);
        builder.add_several(1 + thousands / 15, "market", "Chợ", 100, 600);
        if (builder.chance(0.4)) builder.add("school", "Trường Trung học phổ thông", 800, 1'800);
        if (builder.chance(0.18)) builder.add("hospital", "Bệnh viện đa khoa", 80, 500);
        if (builder.chance(0.12)) builder.add("fire", "Đội Cảnh sát chữa cháy", 15, 40);
    }
    return facilities;
}

std::vector<Camera> make_cameras(ParcelMap const& map, std::vector<Street> const& streets,
                                 std::uint64_t count, std::uint64_t seed) {
    std::vector<Street const*> towns;
    for (auto const& street : streets)
        if (street.kind != "rural") towns.push_back(&street);
    std::vector<Camera> cameras;
    for (std::uint64_t i = 0; i < count && !towns.empty(); ++i) {
        Random random{mix(seed, watched, i)};
        Street const& street = *towns[static_cast<std::size_t>(random.below(towns.size()))];
        auto const& line = street.line.positions;
        auto const vertex = static_cast<std::size_t>(random.below(line.size() - 1));
        Optics const& sees = optics[static_cast<std::size_t>(random.below(optics.size()))];
        Commune const& commune = map.land().communes()[street.commune];
        Camera camera;
        camera.at = line[vertex];
        camera.commune = street.commune;
        camera.name = "Camera " + number(i + 1) + ", " + street.name + ", " + commune.full_name;
        camera.kind = sees.kind;
        double const along = azimuth(map.land().plane(), line[vertex], line[vertex + 1]);
        double const turned = random.chance(0.5) ? along : along + 180;
        camera.azimuth = std::fmod(std::round(turned + random.between(-15, 15) + 360), 360);
        camera.field_of_view = sees.field_of_view;
        camera.range_m = std::round(sees.range_m * random.between(0.8, 1.2));
        camera.height_m = std::round(sees.height_m * random.between(0.8, 1.2) * 10) / 10;
        camera.status = device_status(random.unit());
        camera.owner_unit = "Công an " + commune.full_name;
        cameras.push_back(std::move(camera));
    }
    return cameras;
}

} // namespace diaban::geo::synthetic
