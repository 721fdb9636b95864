#pragma once

#include "data/model/collection.hpp"
#include "data/model/edition.hpp"
#include "data/postgis/pool.hpp"
#include "geo/cadastre/editions.hpp"
#include "geo/policy.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// Registers that come as whole editions. `store` needs a pool of Role::owner.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class EditionStore {
public:
    explicit EditionStore(Pool& pool) : m_pool{pool} {}

    /// The newest edition of a register; nothing if it has none.
    [[nodiscard]] std::optional<model::Edition> last(std::string const& collection) const;

    /// Its lots in force; `id` and `use` are fields of the collection, `use` may be empty.
    [[nodiscard]] std::vector<model::StandingLot>
    lots(std::string const& collection, std::string const& id, std::string const& use) const;

    /// What an edition found of the one before: its lots, and how they compare.
    struct Found {
        std::span<model::StandingLot const> before;
        std::span<geo::cadastre::Lot const> after; ///< in the order of the rows, with their ids
        geo::cadastre::EditionComparison const& comparison;
    };
    /// Writes the lots as a new edition, ends those of the edition before on that day, keeps what
    /// was found with its evidence, and puts the changes on the map: one transaction.
    /// Throws   Error{conflict, "edition-overtaken"} if another edition came in since `before`.
    void store(model::Edition const& edition, model::Collection const& collection,
               std::span<model::NewLot const> rows, std::optional<Found> const& found,
               std::optional<std::int64_t> before, std::string const& who) const;

    /// Lots that `fid` came from and became, of those that `policy` sees.
    [[nodiscard]] model::EditionLineage lineage(std::string const& collection, std::int64_t fid,
                                                geo::Policy const& policy) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
