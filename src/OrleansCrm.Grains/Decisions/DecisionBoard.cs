using System.Collections.Concurrent;
using OrleansCrm.Engagement.Personalization;

namespace OrleansCrm.Grains.Decisions;

/// <summary>What this process has learned about each tenant's offers and products, as decisions see it. Whoever learns puts whole tables up.</summary>
public sealed class DecisionBoard
{
    private readonly ConcurrentDictionary<string, DecisionTables> _tables = new(StringComparer.Ordinal);

    public DecisionTables Of(string tenant) => _tables.GetValueOrDefault(tenant, DecisionTables.Empty);

    /// <summary>Puts the next tables of a tenant up.</summary>
    public void Renew(string tenant, Func<DecisionTables, DecisionTables> next) =>
        _tables.AddOrUpdate(tenant, _ => next(DecisionTables.Empty), (_, now) => next(now));
}
