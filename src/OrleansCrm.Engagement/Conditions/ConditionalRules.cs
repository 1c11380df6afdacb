using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Segments;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>What a program's conditions ask of the fold, worked out once for each document.</summary>
internal sealed class ConditionalRules
{
    private readonly ProgramDocument _of;

    private ConditionalRules(ProgramDocument program)
    {
        _of = program;
        Segments = SegmentSection.InOrder(program.Segments);
        Counted = new CountedEvents(program.Conditions);
        Churn = [.. program.Churn.BySegment.Select(own => program.Churn with { Model = own.Model, Spend = own.Spend, Calibration = own.Calibration })];
        UnderChurn = SegmentReach.Of(Segments, program.Churn.BySegment.Select(own => own.Segment));
    }

    /// <summary>Each after those it refers to.</summary>
    public Segment[] Segments { get; }

    public CountedEvents Counted { get; }

    /// <summary>The rules of each of <see cref="ChurnRules.BySegment"/>.</summary>
    public ChurnRules[] Churn { get; }

    /// <summary>The segments that have parameters of their own and those they refer to, each after those.</summary>
    public Segment[] UnderChurn { get; }

    /// <summary>Kept with a document, and no part of what makes two documents equal.</summary>
    public struct Cache : IEquatable<Cache>
    {
        private ConditionalRules? _rules;

        public ConditionalRules Of(ProgramDocument program)
        {
            // A document made out of another one begins with the other's.
            if (!ReferenceEquals(_rules?._of, program))
                _rules = new ConditionalRules(program);
            return _rules!;
        }

        public readonly bool Equals(Cache other) => true;

        public override readonly bool Equals(object? obj) => obj is Cache;

        public override readonly int GetHashCode() => 0;
    }
}
