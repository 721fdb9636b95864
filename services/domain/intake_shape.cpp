#include "services/domain/intake_shape.hpp"

#include "data/gdal/dateline.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "geo/ops/validate.hpp"

#include <fmt/format.h>

#include <cmath>

namespace diaban::services::domain {
namespace {

using geo::Code;
using geo::Error;
using geo::GeometryKind;

constexpr int record_srid = 4326;
constexpr double margin = 6;          // degrees: one UTM zone
constexpr double max_repair = 1e-4;   // share of the area
constexpr double max_longitude = 540; // tracks that run on past 180° keep counting

bool finite(geo::Geometry const& geometry) noexcept {
    for (auto const& p : geometry.positions)
        if (!std::isfinite(p.x) || !std::isfinite(p.y)) return false;
    return true;
}

std::optional<geo::Box> with_margin(geo::Box const& extent) {
    // Across the antimeridian, or nearly the whole way round: everywhere.
    if (extent.empty() || extent.max_x - extent.min_x > 340) return std::nullopt;
    return geo::Box{extent.min_x - margin, extent.min_y - margin, extent.max_x + margin,
                    extent.max_y + margin};
}

} // namespace

ShapeReader::ShapeReader(GeometryKind kind, int srid, bool keeps_source)
    : m_kind{kind}, m_srid{srid}, m_keeps_source{keeps_source},
      m_geographic{geo::is_geographic(srid)}, m_transform{
                                                  geo::Transform::between(srid, record_srid)} {
    auto const extent = data::gdal::crs_extent(srid);
    m_crs_name = fmt::format("EPSG:{} ({})", srid, extent.name);
    m_extent = with_margin(extent.degrees);
}

void ShapeReader::outside(std::int64_t row, geo::Position at, std::string detail) const {
    throw Error{Code::bad_input,
                "outside-crs",
                {{"row", std::to_string(row)},
                 {"value", fmt::format("{:.10g} {:.10g}", at.x, at.y)},
                 {"crs", m_crs_name}},
                std::move(detail)};
}

void ShapeReader::check_degrees(std::int64_t row) const {
    for (auto const& p : m_geometry.positions)
        if (std::abs(p.y) > 90 || std::abs(p.x) > max_longitude)
            outside(row, p,
                    std::abs(p.x) <= 90 ? "latitude and longitude may be exchanged"
                                        : "not degrees");
}

void ShapeReader::check_extent(std::int64_t row, geo::Box const& source) const {
    auto const box = m_geometry.box();
    if (!m_extent || m_extent->intersects(box)) return;
    outside(row, {source.min_x, source.min_y},
            fmt::format("would lie at {:.5f} {:.5f}", box.min_x, box.min_y));
}

void ShapeReader::change_crs(std::int64_t row) {
    if (m_geographic) check_degrees(row);
    if (m_transform.identity()) return;
    auto const source = m_geometry.box();
    try {
        m_transform.apply(m_geometry.positions);
    } catch (Error const& error) {
        if (error.type() != "outside-crs") throw;
        outside(row, {source.min_x, source.min_y}, error.what());
    }
    check_extent(row, source);
}

bool ShapeReader::mend(Outcome& outcome) {
    auto verdict = geo::ops::validate(m_geometry);
    if (verdict.valid) return true;
    auto repaired = geo::ops::repair(m_geometry, max_repair);
    if (!repaired || repaired->empty() || repaired->kind != m_kind) {
        m_reason = std::move(verdict.reason);
        outcome.fault = m_reason;
        return false;
    }
    m_geometry = std::move(*repaired);
    m_geometry.srid = record_srid;
    outcome.repaired = true;
    return true;
}

ShapeReader::Outcome ShapeReader::read(std::span<std::byte const> wkb, std::int64_t row) {
    Outcome outcome;
    m_ewkb.clear();
    m_source_ewkb.clear();
    if (wkb.empty()) return outcome;
    try {
        geo::codec::read_wkb(wkb, m_geometry);
    } catch (Error const& error) {
        if (error.type() != "bad-wkb") throw;
        outcome.fault = "bad-wkb";
        return outcome;
    }
    if (m_geometry.empty()) return outcome;
    if (m_geometry.kind != m_kind) {
        outcome.fault = "wrong-kind";
        return outcome;
    }
    if (!finite(m_geometry)) {
        outcome.fault = "non-finite-coordinate";
        return outcome;
    }
    m_geometry.srid = m_srid;
    if (m_keeps_source) geo::codec::append_ewkb(m_source_ewkb, m_geometry);
    change_crs(row);
    m_geometry.srid = record_srid;
    if (!mend(outcome)) return outcome;
    outcome.split = data::gdal::split_at_antimeridian(m_geometry);
    if (outcome.split && !mend(outcome)) return outcome;
    if (auto const box = m_geometry.box(); box.min_x < -180 || box.max_x > 180) {
        outcome.fault = "beyond-antimeridian";
        return outcome;
    }
    geo::codec::append_ewkb(m_ewkb, m_geometry);
    outcome.located = true;
    return outcome;
}

} // namespace diaban::services::domain
