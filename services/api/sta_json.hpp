#pragma once

#include "data/postgis/sta_store.hpp"
#include "geo/sta/query.hpp"
#include "services/api/json.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace diaban::services::api {

/// Entities of SensorThings as JSON, with what is expanded.
///
/// Bounds   20,000 entities in one answer, expanded ones among them; Error{bad_input,
///          "sta-too-many"} beyond.
class StaWriter {
public:
    /// `root` is the address of the service, without a slash at its end.
    StaWriter(data::postgis::StaStore const& store, data::postgis::StaStore::Policies policies,
              std::string root)
        : m_store{store}, m_policies{std::move(policies)}, m_root{std::move(root)} {}

    /// A set: `{"@iot.count", "@iot.nextLink", "value"}`; `address` is what was asked, without
    /// options.
    [[nodiscard]] Json set(data::postgis::StaSource const& source, geo::sta::Query const& query,
                           std::string const& address);
    /// Entities of a source, without page, in its order. `query` says what of each is shown.
    [[nodiscard]] std::vector<Json> entities(data::postgis::StaSource const& source,
                                             geo::sta::Query const& query);

    [[nodiscard]] std::string address(geo::sta::Entity entity, std::int64_t id) const;
    [[nodiscard]] std::string const& root() const noexcept { return m_root; }

private:
    [[nodiscard]] std::vector<Json> write(geo::sta::Entity entity, geo::sta::Query const& query,
                                          data::postgis::StaPage const& page);
    void expand_one(geo::sta::Expansion const& expansion, data::postgis::StaPage const& page,
                    std::size_t link, std::vector<Json>& into);
    void expand_many(geo::sta::Expansion const& expansion, geo::sta::Entity from,
                     data::postgis::StaPage const& page, std::vector<Json>& into);
    [[nodiscard]] data::postgis::StaPage read(data::postgis::StaSource const& source,
                                              geo::sta::Query const& query, std::uint32_t most);

    data::postgis::StaStore const& m_store;
    data::postgis::StaStore::Policies m_policies;
    std::string m_root;
    std::size_t m_written = 0;
};

} // namespace diaban::services::api
