#include <stdlib.h>
__attribute__((noinline)) static int leaf(int n){ volatile int s=0; for(int i=0;i<n;i++) s+=i; return s;}
__attribute__((noinline)) static int self(int n){ int r=leaf(10); if(n>0) r+=self(n-1); return r+1;}
static int even(int n);
__attribute__((noinline)) static int odd(int n){ int r=leaf(5); if(n>0) r+=even(n-1); return r+2;}
__attribute__((noinline)) static int even(int n){ int r=leaf(7); if(n>0) r+=odd(n-1); return r+3;}
__attribute__((noinline)) static int blocks(void){ char*p=malloc(10); char*q=calloc(3,4); p=realloc(p,50); int s=p[0]+q[0]; free(p);free(q); return s;}
__attribute__((noinline)) int simple_bench_counted(int n){ return self(n)+even(n)+blocks();}
int main(int c,char**v){ blocks(); return simple_bench_counted(3)&1;}
