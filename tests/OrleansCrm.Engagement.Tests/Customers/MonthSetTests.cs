using OrleansCrm.Contracts.Customers;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class MonthSetTests
{
    [Fact]
    public void Months_are_those_of_the_calendar()
    {
        for (var day = new DateTime(1968, 1, 1, 0, 0, 0, DateTimeKind.Utc); day.Year < 2105; day = day.AddDays(1))
        {
            foreach (var ms in new[] { 0, UtcDay.Ms - 1 })
                Assert.Equal((day.Year - 1970) * 12 + day.Month - 1, UtcMonth.Of(new DateTimeOffset(day).ToUnixTimeMilliseconds() + ms));
        }
    }

    [Fact]
    public void Set_holds_the_newest_128_months_in_whatever_order_it_is_told()
    {
        var random = new Random(4);
        for (var round = 0; round < 500; round++)
        {
            int[] months = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(300, 300 + random.Next(1, 400)))];
            var newest = months.Max();
            int[] expected = [.. months.Where(m => m > newest - MonthSet.Span).Distinct().Order()];
            var (told, other, cut) = (Told(months), Told(months.Reverse()), random.Next(months.Length));

            Assert.Equal(expected, MonthsOf(told));
            Assert.Equal(expected, MonthsOf(MonthSet.Joined(Told(months[..cut]), Told(months[cut..]))));
            Assert.Equal(MonthsOf(told), MonthsOf(other));
        }
    }

    private static MonthSet Told(IEnumerable<int> months)
    {
        var set = default(MonthSet);
        foreach (var month in months)
            set.Add(new DateTimeOffset(new DateTime(1970, 1, 15, 0, 0, 0, DateTimeKind.Utc).AddMonths(month)).ToUnixTimeMilliseconds());
        return set;
    }

    private static int[] MonthsOf(MonthSet set)
    {
        var months = new List<int>();
        MonthMetrics.CountCells(
            Enumerable.Range(0, 20).Select(block => (block, set.Block(block))),
            (isCohort, _, month) =>
            {
                if (isCohort)
                    months.Add(month);
            });
        return [.. months];
    }
}
