#pragma once

#include "data/postgis/feature_store.hpp"
#include "geo/policy.hpp"
#include "services/domain/local_times.hpp"
#include "tiles/heat.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace diaban::services::domain {

/// Which points heat is made of, and what each counts.
struct HeatQuestion {
    Choice choice;
    LocalTimes times;
    geo::Field const* weight = nullptr; ///< a number that the mirror holds; null: each counts 1
};

/// Points, and where colours of their densities may end.
class HeatSet {
public:
    tiles::HeatPoints points;

    /// tiles::heat_top, found once for each radius.
    [[nodiscard]] double top(double radius) const;

private:
    mutable std::mutex m_mutex;
    mutable std::map<double, double> m_tops;
};

/// Points of collections that heat was asked of lately, made ready to be drawn at any zoom.
///
/// Fresh    a view with another layer is asked anew.
/// Threads  any number; who asks for what is being made waits for it.
class HeatShelf {
public:
    /// `bytes`  of points that are kept.
    explicit HeatShelf(std::size_t bytes = std::size_t{256} << 20U) : m_bytes{bytes} {}

    /// `view`   of a collection of points.
    /// Weights  points of a weight that is not above 0, or of none, are left out.
    /// Throws   as choose_rows.
    [[nodiscard]] std::shared_ptr<HeatSet const> points(View const& view,
                                                        data::postgis::FeatureStore const& store,
                                                        HeatQuestion const& question,
                                                        geo::Policy const& policy);

private:
    struct Kept {
        std::string collection;
        std::string key;
        std::shared_ptr<tiles::mirror::Layer const> layer;
        std::mutex making;
        std::shared_ptr<HeatSet const> points;
    };
    std::shared_ptr<Kept> kept_for(View const& view, std::string key);
    void tidy();

    std::size_t m_bytes;
    std::mutex m_mutex;
    std::list<std::shared_ptr<Kept>> m_kept; ///< asked last first
};

} // namespace diaban::services::domain
