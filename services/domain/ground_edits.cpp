#include "services/domain/ground_edits.hpp"

#include "data/gdal/vector_source.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/raster/trace.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace diaban::services::domain {

namespace {

using geo::Geometry;
using geo::raster::Cell;
using geo::raster::Frame;

/// All lines of a file, in the CRS of the grid.
Geometry lines_of(std::filesystem::path const& file, int srid) {
    auto source = data::gdal::VectorSource::open(file);
    auto const from = source.layer().srid;
    if (from <= 0)
        throw geo::Error{
            geo::Code::bad_input,
            "unknown-crs",
            {{"crs", source.layer().crs_name + " (" + file.filename().string() + ")"}}};
    auto const change = geo::Transform::between(from, srid);
    Geometry all;
    all.kind = geo::GeometryKind::line;
    all.srid = srid;
    data::gdal::RowBatch batch;
    Geometry shape;
    while (source.read(batch))
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (batch.row(i).wkb.empty() || !batch.row(i).fault.empty()) continue;
            geo::codec::read_wkb(batch.row(i).wkb, shape);
            if (shape.kind != geo::GeometryKind::line)
                throw geo::Error{geo::Code::bad_input, "not-a-line", {{"accepted", "LineString"}}};
            change.apply(shape.positions);
            auto const before = std::uint32_t(all.positions.size());
            all.positions.insert(all.positions.end(), shape.positions.begin(),
                                 shape.positions.end());
            for (auto const end : shape.path_ends) all.path_ends.push_back(before + end);
        }
    return all;
}

Geometry one_path(Geometry const& lines, std::size_t path) {
    auto const positions = lines.path(path);
    Geometry made;
    made.kind = geo::GeometryKind::line;
    made.srid = lines.srid;
    made.positions.assign(positions.begin(), positions.end());
    made.path_ends = {std::uint32_t(positions.size())};
    return made;
}

} // namespace

GroundEdits::GroundEdits(std::vector<GroundEdit> const& edits, Frame const& frame,
                         std::function<float(Cell)> const& height)
    : m_shape{frame.shape} {
    for (auto const& edit : edits) {
        auto const before = m_changes.size();
        add(edit, lines_of(edit.lines, frame.srid), frame, height);
        if (m_changes.size() == before && edit.kind != GroundEdit::Kind::pass)
            throw geo::Error{geo::Code::bad_input,
                             "bad-parameter",
                             {{"parameter", edit.lines.filename().string()},
                              {"value", "0"},
                              {"accepted", "lines that cross cells of the ground"}}};
    }
}

void GroundEdits::add(GroundEdit const& edit, Geometry const& lines, Frame const& frame,
                      std::function<float(Cell)> const& height) {
    if (edit.kind == GroundEdit::Kind::pass) return pass(lines, frame, height);
    auto const by = float(edit.kind == GroundEdit::Kind::burn ? -edit.metres : edit.metres);
    for (auto const& cell : geo::raster::cells_along(frame, lines))
        m_changes[m_shape.index(cell.column, cell.row)].by += by;
}

void GroundEdits::pass(Geometry const& lines, Frame const& frame,
                       std::function<float(Cell)> const& height) {
    for (std::size_t path = 0; path < lines.path_ends.size(); ++path) {
        auto const cells = geo::raster::cells_along(frame, one_path(lines, path));
        if (cells.size() < 3) continue; // nothing between its ends
        double const first = double(height(cells.front()));
        double const last = double(height(cells.back()));
        if (std::isnan(first) || std::isnan(last)) continue;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            auto const level = float(first + (last - first) * double(i) / double(cells.size() - 1));
            auto& change = m_changes[m_shape.index(cells[i].column, cells[i].row)];
            change.most = std::min(change.most.value_or(level), level);
        }
    }
}

void GroundEdits::apply(geo::raster::Window const& window, std::span<float> cells) const {
    if (m_changes.empty()) return;
    auto const first = m_shape.index(0, window.row);
    for (auto const& [cell, change] : m_changes) {
        if (cell < first || cell - first >= cells.size()) continue;
        auto& height = cells[cell - first]; // of no data stays no data
        height += change.by;
        if (change.most && height > *change.most) height = *change.most;
    }
}

} // namespace diaban::services::domain
