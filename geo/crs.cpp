#include "geo/crs.hpp"

#include "geo/error.hpp"

#include <proj.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace diaban::geo {

namespace {

// EPSG:6960 "VN-2000 to WGS 84 (2)": coordinate frame rotation, metres, arc seconds, ppm. VN-2000
// lies on the WGS 84 ellipsoid. With rotations of the other sign points move by 0.70–0.79 m.
constexpr char const* vn2000_to_wgs84 =
    " +step +proj=push +v_3"
    " +step +proj=cart +ellps=WGS84"
    " +step +proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835"
    " +rx=-0.00928836 +ry=0.01975479 +rz=-0.00427372 +s=0.252906278"
    " +convention=coordinate_frame"
    " +step +inv +proj=cart +ellps=WGS84"
    " +step +proj=pop +v_3";
constexpr char const* wgs84_to_vn2000 =
    " +step +proj=push +v_3"
    " +step +proj=cart +ellps=WGS84"
    " +step +inv +proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835"
    " +rx=-0.00928836 +ry=0.01975479 +rz=-0.00427372 +s=0.252906278"
    " +convention=coordinate_frame"
    " +step +inv +proj=cart +ellps=WGS84"
    " +step +proj=pop +v_3";

// Where an operation has to hold to be chosen for a code that is not pinned.
constexpr Box vietnam{102.1, 7.2, 117.9, 23.4};

enum class Datum { wgs84, vn2000 };

/// A system of which every parameter is written here. `projection` is empty for degrees.
struct Pinned {
    Datum datum = Datum::wgs84;
    std::string projection;
};

/// Meridians of the TM-3 zones of VN-2000, in the order of their codes (EPSG, "VN-2000 / TM-3 …").
constexpr std::array<std::pair<int, double>, 18> tm3_zones{{
    {5896, 102.0},
    {5897, 105.0},
    {5898, 108.0},
    {5899, 107.75},
    {9205, 103.0},
    {9206, 104.0},
    {9207, 104.5},
    {9208, 104.75},
    {9209, 105.5},
    {9210, 105.75},
    {9211, 106.0},
    {9212, 106.25},
    {9213, 106.5},
    {9214, 107.0},
    {9215, 107.25},
    {9216, 107.5},
    {9217, 108.25},
    {9218, 108.5},
}};

std::string utm(int zone) {
    return "+proj=utm +zone=" + std::to_string(zone) + " +ellps=WGS84";
}

std::string tm3(double meridian) {
    // std::to_string writes six decimals; meridians have two.
    return "+proj=tmerc +lat_0=0 +lon_0=" + std::to_string(meridian) +
           " +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84";
}

std::optional<Pinned> pinned(int srid) {
    switch (srid) {
    case 4326: return Pinned{Datum::wgs84, {}};
    case 4756: return Pinned{Datum::vn2000, {}};
    case 3857: return Pinned{Datum::wgs84, "+proj=webmerc +datum=WGS84"};
    case 32648: return Pinned{Datum::wgs84, utm(48)};
    case 32649: return Pinned{Datum::wgs84, utm(49)};
    case 3405: return Pinned{Datum::vn2000, utm(48)};
    case 3406: return Pinned{Datum::vn2000, utm(49)};
    default: break;
    }
    for (auto const& [code, meridian] : tm3_zones)
        if (code == srid) return Pinned{Datum::vn2000, tm3(meridian)};
    return std::nullopt;
}

std::string pipeline(Pinned const& from, Pinned const& to) {
    std::string text = "+proj=pipeline";
    text += from.projection.empty() ? " +step +proj=unitconvert +xy_in=deg +xy_out=rad"
                                    : " +step +inv " + from.projection;
    if (from.datum != to.datum)
        text += from.datum == Datum::vn2000 ? vn2000_to_wgs84 : wgs84_to_vn2000;
    text += to.projection.empty() ? " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
                                  : " +step " + to.projection;
    return text;
}

struct DestroyPj {
    void operator()(PJ* pj) const noexcept { proj_destroy(pj); }
};
using PjPtr = std::unique_ptr<PJ, DestroyPj>;

/// This thread's PROJ: quiet, without network, and the operations made in it so far.
class ThreadProj {
public:
    ThreadProj() : m_context{proj_context_create()} {
        proj_log_level(m_context.get(), PJ_LOG_NONE);
        proj_context_set_enable_network(m_context.get(), 0);
    }

    [[nodiscard]] PJ_CONTEXT* context() const noexcept { return m_context.get(); }

    /// The operation of a pipeline text; made once. Null if PROJ cannot.
    PJ* operation(std::string const& text) {
        if (auto const found = m_operations.find(text); found != m_operations.end())
            return found->second.get();
        if (m_operations.size() >= max_operations) m_operations.clear();
        PjPtr made{proj_create(context(), text.c_str())};
        return m_operations.emplace(text, std::move(made)).first->second.get();
    }

private:
    static constexpr std::size_t max_operations = 64; // one is some 10 KB

    struct DestroyContext {
        void operator()(PJ_CONTEXT* context) const noexcept { proj_context_destroy(context); }
    };
    std::unique_ptr<PJ_CONTEXT, DestroyContext> m_context;
    std::unordered_map<std::string, PjPtr> m_operations; // destroyed before the context
};

ThreadProj& thread_proj() {
    thread_local ThreadProj proj;
    return proj;
}

PjPtr database_crs(int srid) {
    if (srid <= 0) return nullptr;
    PJ_CONTEXT* const context = thread_proj().context();
    return PjPtr{proj_create_from_database(context, "EPSG", std::to_string(srid).c_str(),
                                           PJ_CATEGORY_CRS, 0, nullptr)};
}

struct DestroyFactory {
    void operator()(PJ_OPERATION_FACTORY_CONTEXT* f) const noexcept {
        proj_operation_factory_context_destroy(f);
    }
};
struct DestroyList {
    void operator()(PJ_OBJ_LIST* list) const noexcept { proj_list_destroy(list); }
};

/// The first operation of PROJ's order that needs no grid and is no mere guess. Null if there is
/// none. `area` bounds the operations looked at; without one, the systems' own areas do.
PjPtr first_without_grid(PJ const* from, PJ const* to, Box const* area) {
    PJ_CONTEXT* const context = thread_proj().context();
    std::unique_ptr<PJ_OPERATION_FACTORY_CONTEXT, DestroyFactory> const factory{
        proj_create_operation_factory_context(context, nullptr)};
    if (area != nullptr)
        proj_operation_factory_context_set_area_of_interest(context, factory.get(), area->min_x,
                                                            area->min_y, area->max_x, area->max_y);
    proj_operation_factory_context_set_spatial_criterion(
        context, factory.get(), PROJ_SPATIAL_CRITERION_PARTIAL_INTERSECTION);
    // What is installed must not matter: grids are judged as if all were there, then refused.
    proj_operation_factory_context_set_grid_availability_use(context, factory.get(),
                                                             PROJ_GRID_AVAILABILITY_IGNORED);
    std::unique_ptr<PJ_OBJ_LIST, DestroyList> const list{
        proj_create_operations(context, from, to, factory.get())};
    if (!list) return nullptr;
    for (int i = 0; i < proj_list_get_count(list.get()); ++i) {
        PjPtr candidate{proj_list_get(context, list.get(), i)};
        if (proj_coordoperation_get_grid_used_count(context, candidate.get()) == 0 &&
            proj_coordoperation_has_ballpark_transformation(context, candidate.get()) == 0)
            return candidate;
    }
    return nullptr;
}

/// The operation chosen between two systems of the database, as text that any thread can build,
/// with x = easting or longitude on both sides.
std::optional<std::string> chosen_operation(PJ const* from, PJ const* to) {
    PJ_CONTEXT* const context = thread_proj().context();
    PjPtr best = first_without_grid(from, to, &vietnam);
    if (!best) best = first_without_grid(from, to, nullptr);
    if (!best) return std::nullopt;
    PjPtr const normalised{proj_normalize_for_visualization(context, best.get())};
    char const* const text =
        normalised ? proj_as_proj_string(context, normalised.get(), PJ_PROJ_5, nullptr) : nullptr;
    if (text == nullptr) return std::nullopt;
    return std::string{text};
}

[[noreturn]] void unknown(int srid) {
    throw Error{Code::bad_input, "unknown-crs", {{"crs", "EPSG:" + std::to_string(srid)}}};
}

/// A chosen operation between EPSG:`srid` and WGS 84; the choice is made once a process.
std::string operation_with_wgs84(int srid, bool towards) {
    static std::mutex mutex;
    static std::unordered_map<std::int64_t, std::optional<std::string>> choices;
    std::int64_t const key = std::int64_t{srid} * 2 + (towards ? 1 : 0);
    std::lock_guard const lock{mutex};
    auto found = choices.find(key);
    if (found == choices.end()) {
        PjPtr const crs = database_crs(srid);
        PjPtr const wgs84 = database_crs(4326);
        auto choice = !crs || !wgs84 ? std::nullopt
                      : towards      ? chosen_operation(crs.get(), wgs84.get())
                                     : chosen_operation(wgs84.get(), crs.get());
        found = choices.emplace(key, std::move(choice)).first;
    }
    if (!found->second) unknown(srid);
    return *found->second;
}

bool horizontal(PJ_TYPE type) noexcept {
    return type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_PROJECTED_CRS;
}

} // namespace

/// Pipelines applied one after the other; none is the identity.
struct Transform::Steps {
    std::vector<std::string> pipelines;
};

Transform::Transform(std::shared_ptr<Steps const> steps) : m_steps{std::move(steps)} {}

std::span<int const> pinned_srids() noexcept {
    static std::vector<int> const all = [] {
        std::vector<int> codes{3405, 3406, 3857, 4326, 4756, 32648, 32649};
        for (auto const& zone : tm3_zones) codes.push_back(zone.first);
        std::sort(codes.begin(), codes.end());
        return codes;
    }();
    return all;
}

bool known_srid(int srid) {
    if (pinned(srid)) return true;
    PjPtr const crs = database_crs(srid);
    return crs && horizontal(proj_get_type(crs.get()));
}

bool is_geographic(int srid) {
    if (auto const system = pinned(srid)) return system->projection.empty();
    PjPtr const crs = database_crs(srid);
    if (!crs || !horizontal(proj_get_type(crs.get()))) unknown(srid);
    return proj_get_type(crs.get()) == PJ_TYPE_GEOGRAPHIC_2D_CRS;
}

Transform Transform::between(int from_srid, int to_srid) {
    for (int const srid : {from_srid, to_srid})
        if (!known_srid(srid)) unknown(srid);
    auto steps = std::make_shared<Steps>();
    if (from_srid == to_srid) return Transform{std::move(steps)};

    auto const from = pinned(from_srid);
    auto const to = pinned(to_srid);
    Pinned const wgs84;
    if (!from) steps->pipelines.push_back(operation_with_wgs84(from_srid, true));
    Pinned const& begin = from ? *from : wgs84;
    Pinned const& end = to ? *to : wgs84;
    bool const same = begin.datum == end.datum && begin.projection == end.projection;
    if (!same) steps->pipelines.push_back(pipeline(begin, end));
    if (!to) steps->pipelines.push_back(operation_with_wgs84(to_srid, false));
    return Transform{std::move(steps)};
}

void Transform::apply(std::span<Position> positions) const {
    if (positions.empty()) return;
    for (auto const& text : m_steps->pipelines) {
        PJ* const operation = thread_proj().operation(text);
        if (operation == nullptr) throw Error{Code::internal, "crs-pipeline", {}, text};
        proj_trans_generic(operation, PJ_FWD, &positions.front().x, sizeof(Position),
                           positions.size(), &positions.front().y, sizeof(Position),
                           positions.size(), nullptr, 0, 0, nullptr, 0, 0);
        proj_errno_reset(operation);
    }
    for (auto const& p : positions)
        if (!std::isfinite(p.x) || !std::isfinite(p.y)) throw Error{Code::bad_input, "outside-crs"};
}

bool Transform::identity() const noexcept {
    return m_steps->pipelines.empty();
}

Box box_after(Transform const& change, Box const& box, int steps) {
    std::vector<Position> rim;
    for (int i = 0; i <= steps; ++i) {
        double const x = box.min_x + (box.max_x - box.min_x) * i / steps;
        double const y = box.min_y + (box.max_y - box.min_y) * i / steps;
        for (auto const& p : {Position{x, box.min_y}, Position{x, box.max_y},
                              Position{box.min_x, y}, Position{box.max_x, y}})
            rim.push_back(p);
    }
    change.apply(rim);
    Box after;
    for (auto const& p : rim) after.extend(p);
    return after;
}

} // namespace diaban::geo
