#pragma once

#include "data/model/edit.hpp"
#include "data/postgis/feature_store.hpp"
#include "services/domain/picture.hpp"
#include "services/domain/storm_bulletin.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// A bulletin that a person confirmed, without its text.
struct ConfirmedBulletin {
    std::int64_t fid = 0;
    std::string key;
    std::int64_t event = 0; ///< fid of the disaster event
    std::string storm;
    std::string issuer;
    geo::Instant observed_at;
    geo::Instant confirmed_at;
};

/// The collections that bulletins stand in.
struct BulletinViews {
    View const& bulletins;
    View const& fixes;
    View const& dangers;
    View const& warnings;
};
struct BulletinPolicies {
    geo::Policy const& bulletins;
    geo::Policy const& fixes;
    geo::Policy const& dangers;
    geo::Policy const& warnings;
};

/// All that the policy sees, latest first. Read from the mirror.
[[nodiscard]] std::vector<ConfirmedBulletin> read_bulletins(View const& bulletins,
                                                            geo::Policy const& policy);

/// What was read of a bulletin, by time; only what the policies see. Positions and danger zones are
/// the record's doubles.
/// Throws   Error{unavailable, …} if the record cannot be read.
[[nodiscard]] std::vector<BulletinFix> read_fixes(BulletinViews const& views,
                                                  BulletinPolicies const& policies,
                                                  data::postgis::FeatureStore const& store,
                                                  std::string_view key);

/// What names a text: the first half of its SHA-256, in hexadecimal.
[[nodiscard]] std::string bulletin_key(std::string_view text);

/// Who confirmed a bulletin, when, and with which doubts.
struct Confirmation {
    std::string who; ///< may be empty
    geo::Instant at;
    std::string doubts;
};

/// New rows for a bulletin, of every collection that it stands in.
[[nodiscard]] std::vector<data::model::Edit>
bulletin_edits(BulletinViews const& views, StormBulletin const& bulletin, std::string_view text,
               std::int64_t event, Confirmation const& confirmation);

/// The highest risk that a bulletin names; nothing where it names none.
[[nodiscard]] std::optional<int> highest_risk(std::vector<BulletinFix> const& fixes);

} // namespace diaban::services::domain
