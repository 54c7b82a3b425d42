using BenchmarkDotNet.Running;
using Microbenchmarks;

// Without arguments BenchmarkDotNet asks which; --filter '*' takes all.
if (args is ["--check-allocations"])
    return AllocationCheck.Run();

BenchmarkSwitcher.FromAssembly(typeof(AllocationCheck).Assembly).Run(args);
return 0;
