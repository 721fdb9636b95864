#include "services/domain/extract.hpp"

#include "data/postgis/collections.hpp"
#include "data/postgis/copy.hpp"
#include "data/postgis/pool.hpp"
#include "geo/codec/wkb.hpp"
#include "services/domain/extract_file.hpp"

#include <optional>

namespace diaban::services::domain {
namespace {

using data::model::Collection;
using geo::GeometryKind;

/// Thrown where a point of several positions meets a file laid out for single ones.
struct Several {};

class Extraction {
public:
    Extraction(data::postgis::CopyOut const& rows, ExtractWriter& writer, bool single,
               OnExtract const& on_extract)
        : m_rows{rows}, m_writer{writer}, m_single{single}, m_on_extract{on_extract} {}

    std::uint64_t run() {
        m_rows.read(0, 1, [this](geo::RowView const& row) { take(row); });
        m_writer.finish();
        return m_written;
    }

private:
    void take(geo::RowView const& row) {
        m_feature.fid = row.fid;
        if (row.wkb.empty())
            m_feature.geometry = {};
        else
            geo::codec::read_wkb(row.wkb, m_feature.geometry);
        if (m_single && m_feature.geometry.positions.size() > 1) throw Several{};
        m_feature.values.clear();
        for (auto const& value : row.values) m_feature.values.push_back(geo::owned(value));
        m_writer.append(m_feature);
        if (++m_written % 1024 == 0 && m_on_extract)
            m_on_extract(m_written, static_cast<std::int64_t>(m_rows.estimated_rows()));
    }

    data::postgis::CopyOut const& m_rows;
    ExtractWriter& m_writer;
    bool m_single;
    OnExtract const& m_on_extract;
    geo::Feature m_feature;
    std::uint64_t m_written = 0;
};

} // namespace

std::uint64_t extract(std::string const& uri, ExtractRequest const& request,
                      OnExtract const& on_extract) {
    std::optional<Collection> collection;
    {
        data::postgis::Pool pool{{.uri = uri, .role = data::postgis::Role::feed, .size = 1}};
        collection = data::postgis::Collections{pool}.get(request.collection);
    }
    bool const points = collection->schema.geometry == GeometryKind::point;
    auto const which =
        request.personal ? data::postgis::Fields::all : data::postgis::Fields::impersonal;
    data::postgis::CopyOut const rows{uri, *collection, which};
    // Lines and polygons are Multi in files that have one type a layer; points hardly ever are.
    for (bool const single : {true, false}) {
        if (single && !points) continue;
        auto const writer =
            extract_writer(request.file, collection->schema, rows.fields(), {.multi = !single});
        try {
            return Extraction{rows, *writer, single, on_extract}.run();
        } catch (Several const&) {
            continue;
        }
    }
    return 0;
}

} // namespace diaban::services::domain
