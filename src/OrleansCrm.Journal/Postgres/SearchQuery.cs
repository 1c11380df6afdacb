using OrleansCrm.Contracts.Customers;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Looks through the search columns of a tenant's snapshots; the large ones stand elsewhere and are not read.</summary>
internal static class SearchQuery
{
    // '0' comes directly after the '/' that ends the tenant in a key.
    private const string Select = """
        SELECT customer, phase, tier, risk, orders, revenue, last_seen, segments, campaign, owner FROM orleanscrm.snapshot
        WHERE partition = $1 AND customer > $2 AND customer < $3 AND phase <> '' AND ($4 = '' OR phase = $4) AND ($5 = '' OR tier = $5)
            AND risk >= $6 AND ($10 = '' OR position($10 in segments) > 0) AND ($11 = '' OR campaign = $11)
            AND ($12 = '' OR owner = $12)
        """;

    public static Task<FoundCustomer[]> RunAsync(PostgresSession session, int partition, CustomerSearch search, CancellationToken cancellation)
    {
        var column = ColumnOf(search.Order);
        var sql = column is null
            ? Select + " AND ($8 = 0 OR customer > $9) ORDER BY customer LIMIT $7"
            : $"{Select} AND ($8 = 0 OR {column} < $13 OR ({column} = $13 AND customer > $9)) ORDER BY {column} DESC, customer LIMIT $7";
        var values = new List<Npgsql.NpgsqlParameter>
        {
            Value(partition), Value(search.Tenant + "/"), Value(search.Tenant + "0"), Value(search.Phase), Value(search.Tier),
            Value(search.MinRiskMillionths), Value(search.Limit), Value(search.After is null ? 0 : 1), Value(search.After?.Customer ?? ""),
            Value(search.SegmentMark), Value(search.Campaign), Value(search.Owner),
        };
        if (column is not null)
            values.Add(Value(search.After?.ValueOf(search.Order) ?? 0));
        return session.ReadAsync(
            row => new FoundCustomer(
                row.GetString(0),
                new SearchColumns(
                    row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetString(7),
                    row.GetString(8), row.GetString(9))),
            cancellation,
            Statement(sql, [.. values]));
    }

    private static string? ColumnOf(SearchOrder order) => order switch
    {
        SearchOrder.Risk => "risk",
        SearchOrder.Revenue => "revenue",
        SearchOrder.Orders => "orders",
        SearchOrder.LastSeen => "last_seen",
        _ => null,
    };
}
