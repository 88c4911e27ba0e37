#include <pthread.h>
#include <stdlib.h>
__attribute__((noinline)) static void *node(void){ return malloc(24); }
__attribute__((noinline)) static void *chain(int n){ if(n>0){ void *p=chain(n-1); free(p); return node(); } return node(); }
__attribute__((noinline)) static void *table(int n){ return calloc(n,8); }
__attribute__((noinline)) static void *grow(void*p){ return realloc(p,100); }
static void *worker(void*n){ void *p=table(*(int*)n); p=grow(p); free(p); return 0; }
__attribute__((noinline)) static void measured(void){ int n=4; pthread_t t; pthread_create(&t,0,worker,&n); pthread_join(t,0); free(chain(3)); }
int main(int c,char**v){ void *setup=table(100); for(int i=atoi(v[1]);i>0;i--) measured(); return setup==0; }
